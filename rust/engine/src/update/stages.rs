//! Updates by a pipeline.

use mongolane_bson::{Document, Value};

use crate::expression::Variables;
use crate::{Error, Result};

/// The stages of an update.
#[derive(Debug)]
pub(super) struct Stages;

impl Stages {
    pub(super) fn parse(_stages: &[Value], _variables: &Variables) -> Result<Self> {
        Err(Error::new(238, "pipeline updates are not implemented yet"))
    }

    pub(super) fn apply(&self, _old: &Document) -> Result<Document> {
        Err(Error::new(238, "pipeline updates are not implemented yet"))
    }
}
