//! `aggregate`.

use super::Call;
use crate::wire::Reply;
use crate::{Error, Result};

/// What `aggregate` knows.
pub(crate) const FIELDS: &[&str] = &[
    "pipeline",
    "cursor",
    "explain",
    "allowDiskUse",
    "bypassDocumentValidation",
    "collation",
    "hint",
    "let",
];

pub(crate) fn run(_: &mut Call<'_>) -> Result<Reply> {
    Err(Error::new(238, "aggregate is not implemented yet"))
}
