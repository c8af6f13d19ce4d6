//! `$cond`, `$ifNull`, `$switch`: only the branch that is taken is evaluated.

use mongolane_bson::{Document, Value};

use super::arguments::{Arity, Parameters, is_nullish, truthy};
use super::operator::{Operator::Special, Rows};
use super::{Evaluate, Expression, Names, Node, Scope};
use crate::{Error, Result};

pub(super) const OPERATORS: Rows = &[
    ("$cond", Special(cond)),
    ("$ifNull", Special(if_null)),
    ("$switch", Special(switch)),
];

const COND: Parameters = Parameters {
    names: &["if", "then", "else"],
    required: 3,
    not_an_object: 17084,
    unknown: 17083,
    missing: &[17080, 17081, 17082],
};

#[derive(Debug)]
struct Cases {
    branches: Vec<(Expression, Expression)>,
    default: Option<Expression>,
}

impl Evaluate for Cases {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        for (case, then) in &self.branches {
            if truthy(case.evaluate_in(scope)?.as_ref()) {
                return then.evaluate_in(scope);
            }
        }
        match &self.default {
            Some(default) => default.evaluate_in(scope),
            None => Err(Error::new(
                40066,
                "$switch could not find a matching branch for an input, and no default was specified.",
            )),
        }
    }
}

fn cond(operator: &'static str, operand: &Value, names: &Names<'_>) -> Result<Node> {
    let mut parts = match operand {
        Value::Document(_) => COND
            .parse(operator, operand, names)?
            .into_iter()
            .flatten()
            .collect(),
        Value::Array(items) => {
            Arity::Exactly(3).check(operator, items.len())?;
            Expression::parse_all(items, names)?
        }
        _ => {
            return Arity::Exactly(3)
                .check(operator, 1)
                .map(|()| unreachable!("one is not three"));
        }
    }
    .into_iter();
    let mut next = || parts.next().expect("three were checked");
    let branches = vec![(next(), next())];
    Ok(Node::Special(Box::new(Cases {
        branches,
        default: Some(next()),
    })))
}

#[derive(Debug)]
struct FirstNotNull(Vec<Expression>);

impl Evaluate for FirstNotNull {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        let mut last = None;
        for operand in &self.0 {
            last = operand.evaluate_in(scope)?;
            if !is_nullish(last.as_ref()) {
                break;
            }
        }
        Ok(last)
    }
}

fn if_null(_: &'static str, operand: &Value, names: &Names<'_>) -> Result<Node> {
    let items = if let Value::Array(items) = operand {
        items.as_slice()
    } else {
        &[]
    };
    if items.len() < 2 {
        let count = if matches!(operand, Value::Array(_)) {
            items.len()
        } else {
            1
        };
        return Err(Error::new(
            1257300,
            format!("$ifNull needs at least two arguments, had: {count}"),
        ));
    }
    Ok(Node::Special(Box::new(FirstNotNull(
        Expression::parse_all(items, names)?,
    ))))
}

const SWITCH: Parameters = Parameters {
    names: &["branches", "default"],
    required: 0,
    not_an_object: 40060,
    unknown: 40067,
    missing: &[40068],
};

const BRANCH: Parameters = Parameters {
    names: &["case", "then"],
    required: 2,
    not_an_object: 40062,
    unknown: 40063,
    missing: &[40064, 40065],
};

fn switch(operator: &'static str, operand: &Value, names: &Names<'_>) -> Result<Node> {
    let document = SWITCH.document(operator, operand)?;
    let branches = branches(document)?.iter().map(|branch| {
        let mut parts = BRANCH.parse(operator, branch, names)?.into_iter().flatten();
        let mut next = || parts.next().expect("both are required");
        Ok((next(), next()))
    });
    let branches = branches.collect::<Result<_>>()?;
    let default = document
        .get("default")
        .map(|value| Expression::parse_in(value, names))
        .transpose()?;
    Ok(Node::Special(Box::new(Cases { branches, default })))
}

fn branches(document: &Document) -> Result<&[Value]> {
    match document.get("branches") {
        Some(Value::Array(items)) if !items.is_empty() => Ok(items),
        Some(Value::Array(_)) | None => {
            Err(Error::new(40068, "$switch requires at least one branch."))
        }
        Some(other) => Err(Error::new(
            40061,
            format!(
                "$switch expected an array for 'branches', found: {}",
                other.type_name()
            ),
        )),
    }
}
