//! `$and`, `$or`, which stop at the first that decides, and `$not`.

use mongolane_bson::Value;

use super::arguments::{Arguments, Arity, truthy};
use super::operator::{
    Operator::{Positional, Special},
    Rows,
};
use super::{Evaluate, Expression, Names, Node, Scope};
use crate::Result;

pub(super) const OPERATORS: Rows = &[
    (
        "$and",
        Special(|_, operand, names| lazy(false, operand, names)),
    ),
    (
        "$or",
        Special(|_, operand, names| lazy(true, operand, names)),
    ),
    ("$not", Positional(Arity::Exactly(1), not)),
];

/// Gives `decisive` as soon as an operand is that, else the opposite.
#[derive(Debug)]
struct Lazy {
    decisive: bool,
    operands: Vec<Expression>,
}

fn lazy(decisive: bool, operand: &Value, names: &Names<'_>) -> Result<Node> {
    let operands = match operand {
        Value::Array(items) => Expression::parse_all(items, names)?,
        single => vec![Expression::parse_in(single, names)?],
    };
    Ok(Node::Special(Box::new(Lazy { decisive, operands })))
}

impl Evaluate for Lazy {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        for operand in &self.operands {
            if truthy(operand.evaluate_in(scope)?.as_ref()) == self.decisive {
                return Ok(Some(Value::Bool(self.decisive)));
            }
        }
        Ok(Some(Value::Bool(!self.decisive)))
    }
}

fn not(arguments: Arguments) -> Result<Option<Value>> {
    Ok(Some(Value::Bool(!truthy(arguments.get(0)))))
}
