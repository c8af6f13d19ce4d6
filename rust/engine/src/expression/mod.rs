//! Aggregation expressions.

use mongolane_bson::{Document, Value};

use crate::{Error, Result};

/// The variables that an expression sees.
#[derive(Clone, Debug, Default)]
pub struct Variables;

/// A parsed expression.
#[derive(Clone, Debug)]
pub struct Expression;

impl Expression {
    /// Parses an expression.
    pub fn parse(_value: &Value) -> Result<Self> {
        Err(Error::new(238, "expressions are not implemented yet"))
    }

    /// What the expression is for a document; `None` where it is missing.
    pub fn evaluate(&self, _root: &Document, _variables: &Variables) -> Result<Option<Value>> {
        Ok(None)
    }
}
