//! Updates by a pipeline.

use mongolane_bson::{Document, Value};

use crate::Result;
use crate::expression::Variables;
use crate::pipeline::Pipeline;

/// The stages of an update, and the variables they see.
#[derive(Debug)]
pub(super) struct Stages {
    pipeline: Pipeline,
    variables: Variables,
}

impl Stages {
    pub(super) fn parse(stages: &[Value], variables: &Variables) -> Result<Self> {
        let pipeline = Pipeline::parse_update(stages, &variables.names())?;
        Ok(Self {
            pipeline,
            variables: variables.clone(),
        })
    }

    pub(super) fn apply(&self, old: &Document) -> Result<Document> {
        self.pipeline.update(old, &self.variables)
    }
}
