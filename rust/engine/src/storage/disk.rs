//! The folder: a redb file, and the thread that writes to it.
//!
//! Changes are queued in the order in which memory took them. The thread takes
//! all that wait, writes them in one durable transaction, and wakes everybody
//! whose changes were among them; so writers that come together share one
//! flush. Nobody is told of success before that.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::{Condvar, Mutex};
use redb::{Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, TableDefinition};

use super::{Bytes, RecordId};
use crate::{Error, Result};

const DOCUMENTS: TableDefinition<(u32, u64), &[u8]> = TableDefinition::new("documents");
const COLLECTIONS: TableDefinition<u32, &[u8]> = TableDefinition::new("collections");
const FILE: &str = "mongolane.redb";
/// Documents are read from memory, so the file's own cache may be small.
const CACHE: usize = 32 * 1024 * 1024;

/// One change to what lies on disk.
#[derive(Debug)]
pub enum Change {
    /// A document, new or changed.
    Put(u32, RecordId, Bytes),
    /// A document that is gone.
    Remove(u32, RecordId),
    /// A collection's name, options and indexes.
    Describe(u32, Vec<u8>),
    /// A collection that is gone.
    Drop(u32),
}

/// How far the queue must be written for somebody's changes to be safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Change>,
    pushed: u64,
    written: u64,
    failed: Option<String>,
    closing: bool,
}

#[derive(Debug, Default)]
struct Journal {
    queue: Mutex<Queue>,
    work: Condvar,
    done: Condvar,
}

/// The open folder.
#[derive(Debug)]
pub struct Disk {
    journal: Arc<Journal>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What a folder held when it was opened.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Collections by number: their descriptions.
    pub collections: Vec<(u32, Vec<u8>)>,
    /// Documents, by collection and then in the order of insertion.
    pub documents: Vec<(u32, RecordId, Bytes)>,
}

impl Disk {
    /// Opens or makes the folder, and reads all of it.
    pub fn open(folder: &Path) -> Result<(Arc<Self>, Loaded)> {
        std::fs::create_dir_all(folder).map_err(|e| cannot_open(folder, &e))?;
        let create = || {
            Database::builder()
                .set_cache_size(CACHE)
                .create(folder.join(FILE))
        };
        let database = guarded(create)
            .map_err(|damaged| cannot_open(folder, &damaged))?
            .map_err(|e| open_error(folder, e))?;
        let loaded = guarded(|| load(&database))
            .map_err(|damaged| cannot_open(folder, &damaged))?
            .map_err(|e| cannot_open(folder, &e))?;
        let journal = Arc::new(Journal::default());
        let writer = Arc::clone(&journal);
        let thread = std::thread::Builder::new()
            .name("mongolane-journal".into())
            .spawn(move || writer.run(&database))
            .map_err(|e| cannot_open(folder, &e))?;
        Ok((
            Arc::new(Self {
                journal,
                thread: Mutex::new(Some(thread)),
            }),
            loaded,
        ))
    }

    /// Queues a change.
    pub fn push(&self, change: Change) {
        let mut queue = self.journal.queue.lock();
        queue.waiting.push(change);
        queue.pushed += 1;
    }

    /// A ticket for everything queued so far.
    #[must_use]
    pub fn ticket(&self) -> Ticket {
        Ticket(self.journal.queue.lock().pushed)
    }

    /// Waits until all that the ticket stands for is safe.
    pub fn wait(&self, ticket: Ticket) -> Result<()> {
        let mut queue = self.journal.queue.lock();
        if queue.written < ticket.0 {
            self.journal.work.notify_one();
        }
        while queue.written < ticket.0 {
            if let Some(failed) = &queue.failed {
                return Err(Error::new(
                    1,
                    format!("the write could not be made durable: {failed}"),
                ));
            }
            self.journal.done.wait(&mut queue);
        }
        Ok(())
    }

    /// Refuses writes once one could not be made durable: memory is ahead of
    /// the disk then, and only a restart tells what is true.
    pub fn check(&self) -> Result<()> {
        match &self.journal.queue.lock().failed {
            None => Ok(()),
            Some(failed) => Err(Error::new(
                1,
                format!("the folder can't be written to: {failed}"),
            )),
        }
    }

    /// Writes what waits and closes the file.
    pub fn close(&self) {
        self.journal.queue.lock().closing = true;
        self.journal.work.notify_all();
        if let Some(thread) = self.thread.lock().take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.close();
    }
}

impl Journal {
    fn run(&self, database: &Database) {
        while let Some((changes, until)) = self.next() {
            let result = guarded(|| write(database, &changes));
            let mut queue = self.queue.lock();
            match result {
                Ok(Ok(())) => queue.written = until,
                Ok(Err(error)) => queue.failed = Some(error.to_string()),
                Err(damaged) => queue.failed = Some(damaged.to_owned()),
            }
            self.done.notify_all();
            if queue.failed.is_some() {
                return;
            }
        }
    }

    /// All changes that wait now; `None` when it is time to end.
    fn next(&self) -> Option<(Vec<Change>, u64)> {
        let mut queue = self.queue.lock();
        while queue.waiting.is_empty() {
            if queue.closing {
                return None;
            }
            self.work.wait(&mut queue);
        }
        Some((std::mem::take(&mut queue.waiting), queue.pushed))
    }
}

type Stored<T> = std::result::Result<T, redb::Error>;

/// What redb answers; of a damaged file it may panic instead.
fn guarded<T>(ask: impl FnOnce() -> T) -> std::result::Result<T, &'static str> {
    catch_unwind(AssertUnwindSafe(ask)).map_err(|_| "the file in it is damaged")
}

fn write(database: &Database, changes: &[Change]) -> Stored<()> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    {
        let mut documents = transaction.open_table(DOCUMENTS)?;
        let mut collections = transaction.open_table(COLLECTIONS)?;
        for change in changes {
            match change {
                Change::Put(collection, record, bytes) => {
                    documents.insert((*collection, *record), &bytes[..])?;
                }
                Change::Remove(collection, record) => {
                    documents.remove((*collection, *record))?;
                }
                Change::Describe(collection, bytes) => {
                    collections.insert(*collection, bytes.as_slice())?;
                }
                Change::Drop(collection) => {
                    collections.remove(*collection)?;
                    documents
                        .retain_in((*collection, 0)..=(*collection, u64::MAX), |_, _| false)?;
                }
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

fn load(database: &Database) -> Stored<Loaded> {
    write(database, &[])?;
    let transaction = database.begin_read()?;
    let mut loaded = Loaded::default();
    for entry in transaction.open_table(COLLECTIONS)?.iter()? {
        let (id, bytes) = entry?;
        loaded
            .collections
            .push((id.value(), bytes.value().to_vec()));
    }
    for entry in transaction.open_table(DOCUMENTS)?.iter()? {
        let (key, bytes) = entry?;
        let (collection, record) = key.value();
        loaded
            .documents
            .push((collection, record, Bytes::from(bytes.value())));
    }
    Ok(loaded)
}

fn open_error(folder: &Path, error: DatabaseError) -> Error {
    match error {
        DatabaseError::DatabaseAlreadyOpen => Error::new(
            98,
            format!(
                "the folder {} is in use by another engine",
                folder.display()
            ),
        ),
        other => cannot_open(folder, &other),
    }
}

fn cannot_open(folder: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::new(
        39,
        format!("cannot open the folder {}: {error}", folder.display()),
    )
}
