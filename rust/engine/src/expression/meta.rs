//! `$meta`: what is known of a document besides its fields.

use mongolane_bson::Value;

use super::operator::{Operator::Special, Rows};
use super::{Evaluate, Node, Scope};
use crate::{Error, Result, text};

pub(super) const OPERATORS: Rows = &[("$meta", Special(|_, operand, _| parse(operand)))];

const KNOWN: [&str; 9] = [
    "geoNearDistance",
    "geoNearPoint",
    "indexKey",
    "randVal",
    "recordId",
    "searchHighlights",
    "searchScore",
    "sortKey",
    "textScore",
];

/// What is asked for. Only the score of a `$text` is ever known.
#[derive(Debug)]
struct Meta(&'static str);

fn parse(operand: &Value) -> Result<Node> {
    let Value::String(kind) = operand else {
        return Err(Error::new(17307, "$meta only supports string arguments"));
    };
    let known = KNOWN.into_iter().find(|known| known == kind);
    let known =
        known.ok_or_else(|| Error::new(17308, format!("Unsupported argument to $meta: {kind}")))?;
    Ok(Node::Special(Box::new(Meta(known))))
}

impl Evaluate for Meta {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        match scope.root().get(text::SCORE) {
            Some(score) if self.0 == "textScore" => Ok(Some(score.clone())),
            _ => Err(unavailable(self.0)),
        }
    }
}

/// The answer to a wish for what no stage before has found out.
pub(crate) fn unavailable(kind: &str) -> Error {
    let name = match kind {
        "textScore" => "text score",
        other => other,
    };
    Error::new(
        40218,
        format!("query requires {name} metadata, but it is not available"),
    )
}
