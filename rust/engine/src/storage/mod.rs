//! Documents as they lie in memory and on disk.
//!
//! Every collection is held in memory as raw BSON behind an `Arc`, so that a
//! reader takes what it needs under a short read lock and goes on without it.
//! With a folder, each change also goes to a journal thread that writes all
//! changes waiting at one moment in one durable transaction.

mod catalog;
mod collection;
mod definition;
mod disk;
mod index;
mod key;
mod plan;
mod spec;
mod validator;

pub use catalog::{Catalog, Database, Namespace, check_database};
pub use collection::{Collection, MAX_DOCUMENT, Shared, Slot, with_id};
pub use disk::{Disk, Ticket};
pub use index::Index;
pub use plan::{Order, Plan};
pub use spec::IndexSpec;

/// A document's number in its collection; ascending in the order of insertion.
pub type RecordId = u64;

/// A stored document.
pub type Bytes = std::sync::Arc<[u8]>;
