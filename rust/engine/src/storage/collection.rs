//! One collection: its documents in the order of insertion, and its indexes.

use std::collections::BTreeMap;
use std::sync::Arc;

use mongolane_bson::{Document, Value, document};
use parking_lot::RwLock;

use super::disk::{Change, Disk};
use super::index::Index;
use super::spec::IndexSpec;
use super::validator::Validator;
use super::{Bytes, RecordId};
use crate::collation::Collation;
use crate::path::{self, Path, Raw};
use crate::text::TextIndex;
use crate::{Error, Result};

/// The largest document a collection takes.
pub const MAX_DOCUMENT: usize = 16 * 1024 * 1024;

/// A collection behind its lock.
pub type Shared = Arc<Slot>;

/// A collection's place: its number, and its content behind a lock.
#[derive(Debug)]
pub struct Slot {
    /// The number under which the disk knows it.
    pub id: u32,
    /// Its documents and indexes.
    pub content: RwLock<Collection>,
}

/// Documents and indexes.
#[derive(Debug)]
pub struct Collection {
    id: u32,
    /// `db.collection`, for messages and the disk.
    pub namespace: String,
    /// The options of `create`.
    pub options: Document,
    /// How its texts are compared where a command says nothing.
    pub collation: Option<Collation>,
    validator: Option<Validator>,
    /// Its identity.
    pub uuid: [u8; 16],
    /// Set when it was dropped while somebody still held it.
    pub dropped: bool,
    records: BTreeMap<RecordId, Bytes>,
    indexes: Vec<Index>,
    next: RecordId,
    bytes: usize,
    disk: Option<Arc<Disk>>,
}

/// The keys of one document in every index.
type Keys = Vec<Vec<Vec<u8>>>;

impl Collection {
    pub(super) fn new(
        id: u32,
        namespace: String,
        options: Document,
        uuid: [u8; 16],
        disk: Option<Arc<Disk>>,
    ) -> Result<Self> {
        let collation = match options.get("collation") {
            Some(Value::Document(collation)) => Collation::parse(collation)?,
            _ => None,
        };
        let validator = Validator::parse(&options)?;
        let first = IndexSpec::id().under(collation.as_ref());
        Ok(Self {
            id,
            namespace,
            options,
            collation,
            validator,
            uuid,
            dropped: false,
            records: BTreeMap::new(),
            indexes: vec![Index::new(first)?],
            next: 1,
            bytes: 0,
            disk,
        })
    }

    /// All indexes, that of `_id` first.
    #[must_use]
    pub fn indexes(&self) -> &[Index] {
        &self.indexes
    }

    /// Changes what can be changed of an index: when its documents expire, and
    /// whether queries see it. `None` where there is no such index.
    pub fn change_index<T>(
        &mut self,
        wanted: impl Fn(&IndexSpec) -> bool,
        change: impl FnOnce(&mut IndexSpec) -> T,
    ) -> Option<T> {
        let index = self.indexes.iter_mut().find(|index| wanted(&index.spec))?;
        let changed = change(&mut index.spec);
        self.save();
        Some(changed)
    }

    /// The text index that queries may use.
    #[must_use]
    pub(crate) fn text_index(&self) -> Option<&Arc<TextIndex>> {
        let mut visible = self.indexes.iter().filter(|index| !index.spec.hidden);
        visible.find_map(Index::text)
    }

    /// The fields with an index for `$near`.
    pub fn geo_fields(&self) -> impl Iterator<Item = &str> {
        let specs = self.indexes.iter().map(|index| &index.spec);
        specs.flat_map(|spec| spec.geo_fields())
    }

    /// How many documents there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no document.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// How many bytes the documents have.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes
    }

    /// The numbers of all documents.
    pub fn records(&self) -> impl Iterator<Item = RecordId> + '_ {
        self.records.keys().copied()
    }

    /// All documents with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (RecordId, &Bytes)> {
        self.records.iter().map(|(record, bytes)| (*record, bytes))
    }

    /// All documents.
    pub fn documents(&self) -> impl Iterator<Item = &Bytes> + '_ {
        self.records.values()
    }

    /// One document.
    #[must_use]
    pub fn get(&self, record: RecordId) -> Option<&Bytes> {
        self.records.get(&record)
    }

    /// The record with this `_id`.
    #[must_use]
    pub fn by_id(&self, id: &Value) -> Option<RecordId> {
        let first = &self.indexes[0];
        first.records_of(&first.key_of(id)).next()
    }

    /// Changes options that can be changed.
    ///
    /// # Errors
    /// Where a new validator can't be one; nothing is changed then.
    pub fn set_options(&mut self, options: Document) -> Result<()> {
        self.validator = Validator::parse(&options)?;
        self.options = options;
        self.save();
        Ok(())
    }

    /// Refuses a document that the collection's validator refuses.
    ///
    /// # Errors
    /// 121, with what is wrong with it.
    pub fn validate(&self, new: &[u8], old: Option<&[u8]>) -> Result<()> {
        match &self.validator {
            Some(validator) => validator.check(new, old),
            None => Ok(()),
        }
    }

    /// Stores a new document, which was checked and has its `_id`.
    pub fn insert(&mut self, bytes: Bytes) -> Result<RecordId> {
        let keys = self.checked_keys(&bytes, None)?;
        let record = self.next;
        self.next += 1;
        self.put(record, keys, bytes);
        Ok(record)
    }

    /// Puts `bytes` in the place of a document.
    pub fn replace(&mut self, record: RecordId, bytes: Bytes) -> Result<()> {
        let keys = self.checked_keys(&bytes, Some(record))?;
        self.forget(record);
        self.put(record, keys, bytes);
        Ok(())
    }

    /// Puts `documents` in the place of all that are there; where one of them
    /// is refused, everything stays.
    pub fn replace_all(&mut self, documents: Vec<Bytes>) -> Result<()> {
        let old: Vec<_> = self.documents().cloned().collect();
        self.clear();
        let done = documents
            .into_iter()
            .try_for_each(|bytes| self.insert(bytes).map(drop));
        if done.is_err() {
            self.clear();
            for bytes in old {
                self.insert(bytes)?;
            }
        }
        done
    }

    fn clear(&mut self) {
        let all: Vec<_> = self.records().collect();
        all.into_iter().for_each(|record| drop(self.remove(record)));
    }

    /// Takes a document out.
    pub fn remove(&mut self, record: RecordId) -> Option<Bytes> {
        let old = self.forget(record);
        if let Some(disk) = self.disk.as_ref().filter(|_| old.is_some()) {
            disk.push(Change::Remove(self.id, record));
        }
        old
    }

    /// Brings in what the disk has; nothing is written back.
    pub(super) fn load(&mut self, record: RecordId, bytes: Bytes) -> Result<()> {
        let disk = self.disk.take();
        let keys = self.keys(&bytes);
        self.next = self.next.max(record + 1);
        let done = keys.map(|keys| self.put(record, keys, bytes));
        self.disk = disk;
        done
    }

    /// Builds an index over the documents; a duplicate leaves all as it was.
    pub fn create_index(&mut self, spec: IndexSpec) -> Result<()> {
        let mut index = Index::new(spec)?;
        for (record, bytes) in &self.records {
            let keys = index.keys(&Raw(bytes))?;
            if index.conflict(&keys, Some(*record)) {
                return Err(self.duplicate(&index, bytes));
            }
            index.add(keys, *record);
        }
        self.indexes.push(index);
        self.save();
        Ok(())
    }

    /// Adds an index before documents are loaded.
    pub(super) fn restore_index(&mut self, spec: IndexSpec) -> Result<()> {
        self.indexes.push(Index::new(spec)?);
        Ok(())
    }

    /// Drops the indexes that `wanted` answers true for; never that of `_id`.
    pub fn drop_indexes(&mut self, wanted: impl Fn(&IndexSpec) -> bool) {
        let mut first = true;
        self.indexes
            .retain(|index| std::mem::take(&mut first) || !wanted(&index.spec));
        self.save();
    }

    /// Writes what the collection is, its documents aside, to the disk.
    pub fn save(&self) {
        if let Some(disk) = &self.disk {
            disk.push(Change::Describe(self.id, self.description().to_bytes()));
        }
    }

    fn description(&self) -> Document {
        let indexes = self
            .indexes
            .iter()
            .skip(1)
            .map(|i| Value::from(i.spec.listed.clone()));
        let mut description = Document::new();
        description.push("ns", self.namespace.as_str());
        description.push("uuid", Value::Binary(4, self.uuid.to_vec()));
        description.push("options", self.options.clone());
        description.push("indexes", indexes.collect::<Vec<_>>());
        description
    }

    fn keys(&self, bytes: &[u8]) -> Result<Keys> {
        self.indexes
            .iter()
            .map(|index| index.keys(&Raw(bytes)))
            .collect()
    }

    fn checked_keys(&self, bytes: &[u8], own: Option<RecordId>) -> Result<Keys> {
        if bytes.len() > MAX_DOCUMENT {
            let message = format!(
                "BSONObj size: {} is invalid. Size must be between 0 and {MAX_DOCUMENT}(16MB)",
                bytes.len()
            );
            return Err(Error::new(10334, message));
        }
        let keys = self.keys(bytes)?;
        for (index, keys) in self.indexes.iter().zip(&keys) {
            if index.conflict(keys, own) {
                return Err(self.duplicate(index, bytes));
            }
        }
        Ok(keys)
    }

    fn put(&mut self, record: RecordId, keys: Keys, bytes: Bytes) {
        for (index, keys) in self.indexes.iter_mut().zip(keys) {
            index.add(keys, record);
        }
        self.bytes += bytes.len();
        if let Some(disk) = &self.disk {
            disk.push(Change::Put(self.id, record, bytes.clone()));
        }
        self.records.insert(record, bytes);
    }

    fn forget(&mut self, record: RecordId) -> Option<Bytes> {
        let old = self.records.remove(&record)?;
        self.bytes -= old.len();
        for index in &mut self.indexes {
            // The keys were made of these bytes once, so they can be made again.
            if let Ok(keys) = index.keys(&Raw(&old)) {
                index.remove(keys, record);
            }
        }
        Some(old)
    }

    fn duplicate(&self, index: &Index, bytes: &[u8]) -> Error {
        let mut value = Document::new();
        for path in index.paths() {
            value.push(path.as_str(), indexed_value(index, bytes, path));
        }
        Error::duplicate(&self.namespace, &index.spec, value)
    }
}

/// The value to show for a duplicate: of an array the first that conflicts.
fn indexed_value(index: &Index, bytes: &[u8], path: &Path) -> Value {
    let values = path::values(&Raw(bytes), path);
    let conflicting = values.iter().find(|value| {
        index.paths().len() == 1 && index.records_of(&index.key_of(value)).next().is_some()
    });
    conflicting
        .or(values.first())
        .cloned()
        .unwrap_or(Value::Null)
}

/// The bytes of a new document with its `_id` first, made if it is missing.
pub fn with_id(bytes: &[u8], make: impl FnOnce() -> Value) -> Result<Bytes> {
    let first = document::Elements::new(bytes).and_then(|mut e| e.next_head());
    let bad = |e| Error::new(22, format!("{e}"));
    if first.map_err(bad)?.is_some_and(|(key, _)| key == b"_id") {
        return Ok(Bytes::from(bytes));
    }
    let mut whole = Document::from_bytes(bytes).map_err(bad)?;
    let id = whole.remove("_id").unwrap_or_else(make);
    let mut out = Document::new();
    out.push("_id", id);
    whole
        .into_iter()
        .for_each(|(key, value)| out.push(key, value));
    Ok(Bytes::from(out.to_bytes()))
}
