//! Operators that bind variables: `$let`, `$map`, `$filter`, `$reduce`; and
//! `$literal`, which keeps its operand from being read as an expression.

use mongolane_bson::Value;

use super::arguments::{Parameters, is_nullish, truthy, type_name};
use super::operator::{Operator::Special, Rows};
use super::variables::{Frame, check_name};
use super::{Evaluate, Expression, Names, Node, Scope};
use crate::number::Number;
use crate::{Error, Result};

pub(super) const OPERATORS: Rows = &[
    ("$const", Special(literal)),
    ("$filter", Special(filter)),
    ("$let", Special(parse_let)),
    ("$literal", Special(literal)),
    ("$map", Special(map)),
    ("$reduce", Special(reduce)),
];

fn literal(_: &'static str, operand: &Value, _: &Names<'_>) -> Result<Node> {
    Ok(Node::Constant(operand.clone()))
}

#[derive(Debug)]
struct Let {
    variables: Vec<(String, Expression)>,
    body: Expression,
}

const LET: Parameters = Parameters {
    names: &["vars", "in"],
    required: 2,
    not_an_object: 16874,
    unknown: 16875,
    missing: &[16876, 16877],
};

fn parse_let(operator: &'static str, operand: &Value, names: &Names<'_>) -> Result<Node> {
    let document = LET.document(operator, operand)?;
    let variables = match document.get("vars") {
        Some(Value::Document(variables)) => variables,
        Some(_) => {
            return Err(Error::new(
                10065,
                "invalid parameter: expected an object (vars)",
            ));
        }
        None => return Err(LET.missing(operator, "vars")),
    };
    let parse = |(name, value): &(String, Value)| {
        check_name(name)?;
        Ok((name.clone(), Expression::parse_in(value, names)?))
    };
    let inner = names.with(variables.keys().collect());
    let body = LET.required(operator, document, "in", &inner)?;
    let variables = variables.iter().map(parse).collect::<Result<_>>()?;
    Ok(Node::Special(Box::new(Let { variables, body })))
}

impl Evaluate for Let {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        let values = self
            .variables
            .iter()
            .map(|(_, value)| value.evaluate_in(scope));
        let values = values.collect::<Result<Vec<_>>>()?;
        self.bind(0, &values, scope)
    }
}

impl Let {
    /// One frame a variable, innermost last.
    fn bind(
        &self,
        at: usize,
        values: &[Option<Value>],
        scope: &Scope<'_>,
    ) -> Result<Option<Value>> {
        let Some((name, _)) = self.variables.get(at) else {
            return self.body.evaluate_in(scope);
        };
        let frame: Frame<'_> = scope.frame(name, values[at].as_ref());
        self.bind(at + 1, values, &scope.inside(&frame))
    }
}

/// What `$map` and `$filter` share: an array, and a name for its elements.
#[derive(Debug)]
struct Each {
    operator: &'static str,
    not_an_array: i32,
    input: Expression,
    name: String,
    body: Expression,
    limit: Option<Expression>,
}

const MAP: Parameters = Parameters {
    names: &["input", "in", "as"],
    required: 2,
    not_an_object: 16878,
    unknown: 16879,
    missing: &[16880, 16882],
};

const FILTER: Parameters = Parameters {
    names: &["input", "cond", "as", "limit"],
    required: 2,
    not_an_object: 28646,
    unknown: 28647,
    missing: &[28648, 28650],
};

impl Each {
    fn parse(
        operator: &'static str,
        parameters: &Parameters,
        not_an_array: i32,
        operand: &Value,
        names: &Names<'_>,
    ) -> Result<Self> {
        let document = parameters.document(operator, operand)?;
        let name = match document.get("as") {
            Some(Value::String(name)) => name.clone(),
            None => "this".to_owned(),
            Some(_) => {
                return Err(Error::new(
                    9,
                    format!("'as' of {operator} must be a string"),
                ));
            }
        };
        check_name(&name)?;
        let input = parameters.required(operator, document, "input", names)?;
        let inner = names.with(vec![name.as_str()]);
        let body = parameters.required(operator, document, parameters.names[1], &inner)?;
        let limit = document
            .get("limit")
            .map(|value| Expression::parse_in(value, names))
            .transpose()?;
        Ok(Self {
            operator,
            not_an_array,
            input,
            name,
            body,
            limit,
        })
    }

    fn items(&self, scope: &Scope<'_>) -> Result<Option<Vec<Value>>> {
        match self.input.evaluate_in(scope)? {
            Some(Value::Array(items)) => Ok(Some(items)),
            value if is_nullish(value.as_ref()) => Ok(None),
            value => {
                let (operator, found) = (self.operator, type_name(value.as_ref()));
                let message = format!("input to {operator} must be an array not {found}");
                Err(Error::new(self.not_an_array, message))
            }
        }
    }

    fn apply(&self, item: &Value, scope: &Scope<'_>) -> Result<Option<Value>> {
        let frame = scope.frame(&self.name, Some(item));
        self.body.evaluate_in(&scope.inside(&frame))
    }
}

#[derive(Debug)]
struct Map(Each);

fn map(operator: &'static str, operand: &Value, names: &Names<'_>) -> Result<Node> {
    Ok(Node::Special(Box::new(Map(Each::parse(
        operator, &MAP, 16883, operand, names,
    )?))))
}

impl Evaluate for Map {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        let Some(items) = self.0.items(scope)? else {
            return Ok(Some(Value::Null));
        };
        let mapped = items
            .iter()
            .map(|item| Ok(self.0.apply(item, scope)?.unwrap_or(Value::Null)));
        mapped
            .collect::<Result<_>>()
            .map(|items| Some(Value::Array(items)))
    }
}

#[derive(Debug)]
struct Filter(Each);

fn filter(operator: &'static str, operand: &Value, names: &Names<'_>) -> Result<Node> {
    Ok(Node::Special(Box::new(Filter(Each::parse(
        operator, &FILTER, 28651, operand, names,
    )?))))
}

impl Evaluate for Filter {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        let Some(items) = self.0.items(scope)? else {
            return Ok(Some(Value::Null));
        };
        let limit = self.limit(scope)?;
        let mut kept = Vec::new();
        for item in items {
            if kept.len() >= limit {
                break;
            }
            if truthy(self.0.apply(&item, scope)?.as_ref()) {
                kept.push(item);
            }
        }
        Ok(Some(Value::Array(kept)))
    }
}

impl Filter {
    fn limit(&self, scope: &Scope<'_>) -> Result<usize> {
        let Some(limit) = &self.0.limit else {
            return Ok(usize::MAX);
        };
        let value = limit.evaluate_in(scope)?;
        if is_nullish(value.as_ref()) {
            return Ok(usize::MAX);
        }
        let count = value
            .as_ref()
            .and_then(Number::of)
            .and_then(Number::to_i32_exact)
            .ok_or_else(|| {
                Error::new(
                    327391,
                    "$filter: limit must be represented as a 32-bit integral value",
                )
            })?;
        usize::try_from(count)
            .ok()
            .filter(|count| *count > 0)
            .ok_or_else(|| {
                Error::new(
                    327392,
                    format!("$filter: limit must be greater than 0, found {count}"),
                )
            })
    }
}

#[derive(Debug)]
struct Reduce {
    input: Expression,
    initial: Expression,
    body: Expression,
}

const REDUCE: Parameters = Parameters {
    names: &["input", "initialValue", "in"],
    required: 3,
    not_an_object: 40075,
    unknown: 40076,
    missing: &[40077, 40078, 40079],
};

fn reduce(operator: &'static str, operand: &Value, names: &Names<'_>) -> Result<Node> {
    let document = REDUCE.document(operator, operand)?;
    let input = REDUCE.required(operator, document, "input", names)?;
    let initial = REDUCE.required(operator, document, "initialValue", names)?;
    let inner = names.with(vec!["this", "value"]);
    let body = REDUCE.required(operator, document, "in", &inner)?;
    Ok(Node::Special(Box::new(Reduce {
        input,
        initial,
        body,
    })))
}

impl Evaluate for Reduce {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        let items = match self.input.evaluate_in(scope)? {
            Some(Value::Array(items)) => items,
            value if is_nullish(value.as_ref()) => return Ok(Some(Value::Null)),
            value => {
                let found = type_name(value.as_ref());
                let message = format!("$reduce requires that 'input' be an array, found: {found}");
                return Err(Error::new(40080, message));
            }
        };
        let mut result = self.initial.evaluate_in(scope)?;
        for item in &items {
            let this = scope.frame("this", Some(item));
            let inner = scope.inside(&this);
            let value = inner.frame("value", result.as_ref());
            result = self.body.evaluate_in(&inner.inside(&value))?;
            if result
                .as_ref()
                .is_some_and(|value| is_deeper(value, MAX_DEPTH))
            {
                let message = format!("$reduce exceeded maximum nested object depth: {MAX_DEPTH}");
                return Err(Error::new(15, message));
            }
        }
        Ok(result)
    }
}

/// How deep a value may be that a loop makes, as in the server.
const MAX_DEPTH: usize = 200;

fn is_deeper(value: &Value, limit: usize) -> bool {
    match value {
        Value::Array(_) | Value::Document(_) if limit == 0 => true,
        Value::Array(items) => items.iter().any(|item| is_deeper(item, limit - 1)),
        Value::Document(document) => document.iter().any(|(_, item)| is_deeper(item, limit - 1)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::expression::testing::{error, value};

    /// Variables hide outer ones of the same name, and only inside.
    #[test]
    fn variables_hide_outer_ones() {
        let inner = r#"{"$map": {"input": [10], "in": {"$add": ["$$this", "$$x"]}}}"#;
        assert_eq!(
            value("[[11], [12]]"),
            value(&format!(
                r#"{{"$map": {{"input": [1, 2], "as": "x", "in": {inner}}}}}"#
            ))
        );
        assert_eq!(17276, error(r#"{"$let": {"vars": {"a": 1}, "in": "$$b"}}"#));
    }

    /// A loop can't nest its result without end.
    #[test]
    fn reduce_nests_so_deep() {
        let nest = r#"{"$reduce": {"input": {"$range": [0, 100000]}, "initialValue": 0, "in": ["$$value"]}}"#;

        assert_eq!(15, error(nest));
    }
}
