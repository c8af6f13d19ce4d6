//! Open cursors: what of a result was not yet asked for.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::storage::Bytes;
use crate::wire::Reply;
use crate::{Error, Result};

/// A cursor that nobody asks for this long is closed.
const TIMEOUT: Duration = Duration::from_secs(600);
/// A batch ends before it would be larger than a document may be.
const MAX_BATCH: usize = 16 * 1024 * 1024;

/// The rest of a result.
#[derive(Debug)]
pub struct Cursor {
    /// `db.collection`, which `getMore` has to name.
    pub namespace: String,
    rest: std::vec::IntoIter<Bytes>,
    touched: Instant,
    keep: bool,
}

impl Cursor {
    /// A cursor over `documents`; `keep` spares it from the timeout.
    #[must_use]
    pub fn new(namespace: String, documents: Vec<Bytes>, keep: bool) -> Self {
        Self {
            namespace,
            rest: documents.into_iter(),
            touched: Instant::now(),
            keep,
        }
    }

    /// Appends a batch of at most `size` documents; whether any are left.
    pub fn batch(&mut self, reply: &mut Reply, field: &str, size: usize) -> bool {
        let documents = self.rest.as_slice();
        let (mut count, mut bytes) = (0, 0);
        for document in documents.iter().take(size) {
            bytes += document.len() + 8;
            if bytes > MAX_BATCH && count > 0 {
                break;
            }
            count += 1;
        }
        reply.reserve(bytes + 256);
        let start = reply.open_array(field);
        for (at, document) in self.rest.by_ref().take(count).enumerate() {
            reply.item(at, &document);
        }
        reply.close(start);
        self.rest.len() > 0
    }
}

/// All open cursors.
#[derive(Debug, Default)]
pub struct Cursors(Mutex<HashMap<i64, Cursor>>);

impl Cursors {
    /// Keeps a cursor; its new number.
    pub fn keep(&self, cursor: Cursor) -> i64 {
        let mut cursors = self.0.lock();
        loop {
            let id = fastrand::i64(1..);
            if let std::collections::hash_map::Entry::Vacant(e) = cursors.entry(id) {
                e.insert(cursor);
                return id;
            }
        }
    }

    /// Takes a cursor out for a `getMore` on `namespace`.
    pub fn take(&self, id: i64, namespace: &str) -> Result<Cursor> {
        let mut cursors = self.0.lock();
        match cursors.get(&id) {
            None => Err(Error::new(43, format!("cursor id {id} not found"))),
            Some(cursor) if cursor.namespace != namespace => Err(Error::new(
                13,
                format!(
                    "Requested getMore on namespace '{namespace}', but cursor belongs to a \
                     different namespace {}",
                    cursor.namespace
                ),
            )),
            Some(_) => Ok(cursors
                .remove(&id)
                .unwrap_or_else(|| Cursor::new(namespace.to_owned(), Vec::new(), false))),
        }
    }

    /// Puts a cursor back under its number.
    pub fn put_back(&self, id: i64, mut cursor: Cursor) {
        cursor.touched = Instant::now();
        self.0.lock().insert(id, cursor);
    }

    /// Closes a cursor; whether there was one.
    pub fn kill(&self, id: i64, namespace: &str) -> bool {
        let mut cursors = self.0.lock();
        let found = cursors
            .get(&id)
            .is_some_and(|cursor| cursor.namespace == namespace);
        found && cursors.remove(&id).is_some()
    }

    /// Closes every cursor of a collection that goes away.
    pub fn kill_of(&self, namespace: &str) {
        self.0
            .lock()
            .retain(|_, cursor| cursor.namespace != namespace);
    }

    /// How many are open.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.lock().len()
    }

    /// Closes those that nobody asked for in a long time.
    pub fn sweep(&self) {
        let now = Instant::now();
        self.0
            .lock()
            .retain(|_, cursor| cursor.keep || now - cursor.touched < TIMEOUT);
    }
}
