//! What an operator is: how it takes its arguments, and what computes it.

use mongolane_bson::Value;

use super::arguments::{Arguments, Arity, Parameters};
use super::{Names, Node};
use crate::Result;

/// Computes an operator from its evaluated arguments.
pub(super) type Function = fn(Arguments) -> Result<Option<Value>>;

/// Makes a node from an operand that isn't simply a list of arguments.
pub(super) type Parse = fn(&'static str, &Value, &Names<'_>) -> Result<Node>;

/// How an operator takes its arguments.
#[derive(Clone, Copy)]
pub(super) enum Operator {
    /// One, or a list.
    Positional(Arity, Function),
    /// A document with these names.
    Named(&'static Parameters, Function),
    /// In its own way.
    Special(Parse),
}

/// A family's part of the table.
pub(super) type Rows = &'static [(&'static str, Operator)];
