//! All databases and their collections.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use mongolane_bson::{Document, Value};
use parking_lot::RwLock;

use super::collection::{Collection, Shared, Slot};
use super::disk::{Change, Disk, Loaded};
use super::spec::IndexSpec;
use crate::{Error, Result};

/// The collections of one database by name.
pub type Database = BTreeMap<String, Shared>;

/// A database's and a collection's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// The database.
    pub database: String,
    /// The collection.
    pub collection: String,
}

impl Namespace {
    /// Checks both names.
    pub fn new(database: &str, collection: &str) -> Result<Self> {
        let invalid = collection.is_empty()
            || collection.starts_with('.')
            || collection.ends_with('.')
            || collection.contains(['$', '\0'])
            || database.len() + collection.len() > 254;
        if invalid {
            let message = format!("Invalid collection name: {database}.{collection}");
            return Err(Error::new(73, message));
        }
        check_database(database)?;
        Ok(Self {
            database: database.to_owned(),
            collection: collection.to_owned(),
        })
    }
}

impl std::fmt::Display for Namespace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.database, self.collection)
    }
}

/// Refuses a name that no database may have.
pub fn check_database(name: &str) -> Result<()> {
    if name.is_empty() || name.len() > 63 || name.contains(['/', '\\', '.', ' ', '"', '$', '\0']) {
        return Err(Error::new(73, format!("Invalid database name: '{name}'")));
    }
    Ok(())
}

/// All databases.
#[derive(Debug, Default)]
pub struct Catalog {
    databases: RwLock<BTreeMap<String, Database>>,
    disk: Option<Arc<Disk>>,
    next: AtomicU32,
}

impl Catalog {
    /// A catalog in memory.
    #[must_use]
    pub fn in_memory() -> Self {
        Self {
            next: AtomicU32::new(1),
            ..Self::default()
        }
    }

    /// A catalog kept in a folder.
    pub fn open(folder: &Path) -> Result<Self> {
        let (disk, loaded) = Disk::open(folder)?;
        let catalog = Self {
            disk: Some(disk),
            ..Self::in_memory()
        };
        catalog.load(loaded)?;
        Ok(catalog)
    }

    fn load(&self, loaded: Loaded) -> Result<()> {
        let mut slots = HashMap::new();
        for (id, bytes) in loaded.collections {
            let (namespace, slot) = self.describe(id, &bytes)?;
            slots.insert(id, Arc::clone(&slot));
            self.next.fetch_max(id + 1, Ordering::Relaxed);
            let mut databases = self.databases.write();
            databases
                .entry(namespace.database)
                .or_default()
                .insert(namespace.collection, slot);
        }
        for documents in loaded.documents.chunk_by(|l, r| l.0 == r.0) {
            let Some(slot) = documents.first().and_then(|(id, ..)| slots.get(id)) else {
                continue;
            };
            let mut content = slot.content.write();
            for (_, record, bytes) in documents {
                content.load(*record, Arc::clone(bytes))?;
            }
        }
        Ok(())
    }

    /// A collection from its description, still without documents.
    fn describe(&self, id: u32, bytes: &[u8]) -> Result<(Namespace, Shared)> {
        let damaged = || Error::new(39, "a collection's description on disk is damaged");
        let description = Document::from_bytes(bytes).map_err(|_| damaged())?;
        let (
            Some(Value::String(name)),
            Some(Value::Binary(_, uuid)),
            Some(Value::Document(options)),
            Some(Value::Array(indexes)),
        ) = (
            description.get("ns"),
            description.get("uuid"),
            description.get("options"),
            description.get("indexes"),
        )
        else {
            return Err(damaged());
        };
        let (database, collection) = name.split_once('.').ok_or_else(damaged)?;
        let uuid = <[u8; 16]>::try_from(uuid.as_slice()).map_err(|_| damaged())?;
        let mut content =
            Collection::new(id, name.clone(), options.clone(), uuid, self.disk.clone())?;
        for index in indexes {
            let Value::Document(spec) = index else {
                return Err(damaged());
            };
            content.restore_index(IndexSpec::parse(spec)?)?;
        }
        let namespace = Namespace::new(database, collection)?;
        Ok((
            namespace,
            Arc::new(Slot {
                id,
                content: RwLock::new(content),
            }),
        ))
    }

    /// The disk, where there is one.
    #[must_use]
    pub fn disk(&self) -> Option<&Arc<Disk>> {
        self.disk.as_ref()
    }

    /// A collection that exists.
    #[must_use]
    pub fn get(&self, namespace: &Namespace) -> Option<Shared> {
        let databases = self.databases.read();
        databases
            .get(&namespace.database)?
            .get(&namespace.collection)
            .cloned()
    }

    /// A collection, made if need be; whether it was made.
    pub fn ensure(&self, namespace: &Namespace, options: &Document) -> Result<(Shared, bool)> {
        if let Some(slot) = self.get(namespace) {
            return Ok((slot, false));
        }
        let mut databases = self.databases.write();
        check_case(&databases, &namespace.database)?;
        let database = databases.entry(namespace.database.clone()).or_default();
        if let Some(slot) = database.get(&namespace.collection) {
            return Ok((Arc::clone(slot), false));
        }
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let uuid = uuid();
        let content = Collection::new(
            id,
            namespace.to_string(),
            options.clone(),
            uuid,
            self.disk.clone(),
        )?;
        content.save();
        let slot = Arc::new(Slot {
            id,
            content: RwLock::new(content),
        });
        database.insert(namespace.collection.clone(), Arc::clone(&slot));
        Ok((slot, true))
    }

    /// Drops a collection; gives it back as it was.
    pub fn drop_collection(&self, namespace: &Namespace) -> Option<Shared> {
        let mut databases = self.databases.write();
        let database = databases.get_mut(&namespace.database)?;
        let slot = database.remove(&namespace.collection)?;
        if database.is_empty() {
            databases.remove(&namespace.database);
        }
        self.discard(&slot);
        Some(slot)
    }

    /// Drops a database; whether there was one.
    pub fn drop_database(&self, name: &str) -> bool {
        let mut databases = self.databases.write();
        let Some(database) = databases.remove(name) else {
            return false;
        };
        database.values().for_each(|slot| self.discard(slot));
        true
    }

    fn discard(&self, slot: &Slot) {
        let mut content = slot.content.write();
        content.dropped = true;
        if let Some(disk) = &self.disk {
            disk.push(Change::Drop(slot.id));
        }
    }

    /// Gives a collection another name.
    pub fn rename(&self, from: &Namespace, to: &Namespace, drop_target: bool) -> Result<()> {
        let mut databases = self.databases.write();
        let missing = || Error::new(26, format!("Source collection {from} does not exist"));
        databases
            .get(&from.database)
            .and_then(|d| d.get(&from.collection))
            .ok_or_else(missing)?;
        let target = databases
            .get_mut(&to.database)
            .and_then(|d| d.remove(&to.collection));
        match target {
            Some(slot) if drop_target => self.discard(&slot),
            Some(slot) => {
                databases
                    .entry(to.database.clone())
                    .or_default()
                    .insert(to.collection.clone(), slot);
                return Err(Error::new(48, "target namespace exists"));
            }
            None => {}
        }
        let slot = databases
            .get_mut(&from.database)
            .and_then(|d| d.remove(&from.collection));
        let slot = slot.ok_or_else(missing)?;
        databases.retain(|_, database| !database.is_empty());
        {
            let mut content = slot.content.write();
            content.namespace = to.to_string();
            content.save();
        }
        databases
            .entry(to.database.clone())
            .or_default()
            .insert(to.collection.clone(), slot);
        Ok(())
    }

    /// The names of all databases.
    #[must_use]
    pub fn database_names(&self) -> Vec<String> {
        self.databases.read().keys().cloned().collect()
    }

    /// The collections of a database at this moment.
    #[must_use]
    pub fn collections(&self, database: &str) -> Database {
        self.databases
            .read()
            .get(database)
            .cloned()
            .unwrap_or_default()
    }
}

/// Two databases may not differ in case alone.
fn check_case(databases: &BTreeMap<String, Database>, name: &str) -> Result<()> {
    match databases
        .keys()
        .find(|k| *k != name && k.eq_ignore_ascii_case(name))
    {
        Some(other) => Err(Error::new(
            13297,
            format!(
                "db already exists with different case already have: [{other}] trying to create [{name}]"
            ),
        )),
        None => Ok(()),
    }
}

fn uuid() -> [u8; 16] {
    let mut bytes = fastrand::u128(..).to_be_bytes();
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    bytes
}
