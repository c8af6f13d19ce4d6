//! Aggregation expressions: parsed once, evaluated for each document.
//!
//! An operator is a row of a table (`operators`): most only say how many
//! arguments they take and which function computes them; those that bind
//! variables or don't evaluate all their arguments bring their own node.

use std::fmt::Debug;
use std::sync::Arc;

use mongolane_bson::{Document, Value};

use crate::{Error, Result};

mod accumulate;
mod arguments;
mod arithmetic;
mod array;
mod binding;
mod boolean;
mod comparison;
mod condition;
mod convert;
mod date;
mod date_arithmetic;
mod date_parts;
mod date_text;
mod elements;
mod meta;
mod object;
mod operator;
mod operators;
mod path;
mod regex;
mod rounding;
mod set;
mod string;
mod substring;
#[cfg(test)]
pub(crate) mod testing;
mod timezone;
mod trigonometry;
mod types;
mod variables;

pub(crate) use arguments::{describe, is_nullish, truthy};
pub(crate) use date_arithmetic::date_add;
pub(crate) use elements::count;
pub(crate) use meta::unavailable;
pub(crate) use object::merge_into;
pub(crate) use path::FieldPath;
pub(crate) use variables::check_name;
pub use variables::{Names, Scope, Variables};

use arguments::Arguments;
use operator::{Function, Operator};

/// An expression ready to be evaluated, cheap to clone.
#[derive(Clone, Debug)]
pub struct Expression(Arc<Node>);

/// What an operator with its own way of evaluating gives.
trait Evaluate: Debug + Send + Sync {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>>;
}

#[derive(Debug)]
enum Node {
    Constant(Value),
    Path(path::Path),
    Object(Vec<(String, Expression)>),
    Array(Vec<Expression>),
    Call(Call),
    Special(Box<dyn Evaluate>),
}

/// An operator whose arguments are all evaluated first. An argument by name
/// that wasn't given is `None` here.
#[derive(Debug)]
struct Call {
    operator: &'static str,
    function: Function,
    arguments: Vec<Option<Expression>>,
    named: bool,
}

impl Expression {
    /// Parses an expression that may use any variable; one that the
    /// [`Variables`] don't hold is refused when it is evaluated.
    ///
    /// # Errors
    /// With MongoDB's code for what is wrong with it.
    pub fn parse(value: &Value) -> Result<Self> {
        Self::parse_in(value, &Names::any())
    }

    /// Parses an expression that may use the system's variables and `names`.
    ///
    /// # Errors
    /// With MongoDB's code for what is wrong with it.
    pub fn parse_in(value: &Value, names: &Names<'_>) -> Result<Self> {
        match value {
            Value::String(text) if text.starts_with('$') => {
                path::Path::parse(text, names).map(|path| Self::from(Node::Path(path)))
            }
            Value::Document(document) => Self::parse_document(document, names),
            Value::Array(items) => Self::parse_all(items, names).map(|i| Node::Array(i).into()),
            other => Ok(Self::constant(other.clone())),
        }
    }

    /// An expression that always gives `value`.
    #[must_use]
    pub fn constant(value: Value) -> Self {
        Node::Constant(value).into()
    }

    /// The value for one document; `None` where it is missing.
    ///
    /// # Errors
    /// With MongoDB's code where an operator refuses its operands.
    pub fn evaluate(&self, root: &Document, variables: &Variables) -> Result<Option<Value>> {
        self.evaluate_in(&Scope::new(root, variables))
    }

    /// The same inside the scope of enclosing operators.
    pub(crate) fn evaluate_in(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        match &*self.0 {
            Node::Constant(value) => Ok(Some(value.clone())),
            Node::Path(path) => path.evaluate(scope),
            Node::Object(fields) => evaluate_object(fields, scope).map(Some),
            Node::Array(items) => evaluate_array(items, scope).map(Some),
            Node::Call(call) => call.evaluate(scope),
            Node::Special(node) => node.evaluate(scope),
        }
    }

    /// The value, with null in place of a missing one.
    pub(crate) fn evaluate_or_null(&self, scope: &Scope<'_>) -> Result<Value> {
        Ok(self.evaluate_in(scope)?.unwrap_or(Value::Null))
    }

    /// The value as a key to group by: a missing one is null, and so are those
    /// directly within a document that the expression spells out.
    pub(crate) fn evaluate_key(&self, scope: &Scope<'_>) -> Result<Value> {
        let Node::Object(fields) = &*self.0 else {
            return self.evaluate_or_null(scope);
        };
        let mut document = Document::new();
        for (key, expression) in fields {
            document.push(key.as_str(), expression.evaluate_or_null(scope)?);
        }
        Ok(Value::Document(document))
    }

    /// The constant it is, if it is one.
    pub(crate) fn as_constant(&self) -> Option<&Value> {
        match &*self.0 {
            Node::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The pair of the whole document and what `self` gives.
    pub(crate) fn with_root(self) -> Self {
        Node::Array(vec![Node::Path(path::Path::root()).into(), self]).into()
    }

    fn parse_all(items: &[Value], names: &Names<'_>) -> Result<Vec<Self>> {
        items
            .iter()
            .map(|item| Self::parse_in(item, names))
            .collect()
    }

    fn parse_document(document: &Document, names: &Names<'_>) -> Result<Self> {
        let operators = document.keys().filter(|key| key.starts_with('$')).count();
        if operators == 0 {
            return parse_object(document, names);
        }
        match document.iter().next() {
            Some((name, operand)) if document.len() == 1 => parse_operator(name, operand, names),
            _ => Err(Error::new(
                15983,
                format!(
                    "an object representing an expression must have exactly one field: {}",
                    describe(&Value::Document(document.clone()))
                ),
            )),
        }
    }
}

impl From<Node> for Expression {
    fn from(node: Node) -> Self {
        Self(Arc::new(node))
    }
}

fn parse_object(document: &Document, names: &Names<'_>) -> Result<Expression> {
    let mut fields = Vec::with_capacity(document.len());
    for (key, value) in document {
        if key.contains('.') {
            let message = format!(
                "FieldPath field names may not contain '.'. Consider using $getField or $setField. (found '{key}')"
            );
            return Err(Error::new(16412, message));
        }
        fields.push((key.clone(), Expression::parse_in(value, names)?));
    }
    Ok(Node::Object(fields).into())
}

fn parse_operator(name: &str, operand: &Value, names: &Names<'_>) -> Result<Expression> {
    let Some((operator, how)) = operators::find(name) else {
        return Err(Error::new(168, format!("Unrecognized expression '{name}'")));
    };
    match how {
        Operator::Positional(arity, function) => {
            let operands = match operand {
                Value::Array(items) => Expression::parse_all(items, names)?,
                single => vec![Expression::parse_in(single, names)?],
            };
            arity.check(operator, operands.len())?;
            let arguments = operands.into_iter().map(Some).collect();
            Ok(Node::Call(Call {
                operator,
                function: *function,
                arguments,
                named: false,
            })
            .into())
        }
        Operator::Named(parameters, function) => {
            let arguments = parameters.parse(operator, operand, names)?;
            Ok(Node::Call(Call {
                operator,
                function: *function,
                arguments,
                named: true,
            })
            .into())
        }
        Operator::Special(parse) => parse(operator, operand, names).map(Expression::from),
    }
}

fn evaluate_object(fields: &[(String, Expression)], scope: &Scope<'_>) -> Result<Value> {
    let mut document = Document::new();
    for (key, expression) in fields {
        if let Some(value) = expression.evaluate_in(scope)? {
            document.push(key.as_str(), value);
        }
    }
    Ok(Value::Document(document))
}

fn evaluate_array(items: &[Expression], scope: &Scope<'_>) -> Result<Value> {
    let values: Result<_> = items
        .iter()
        .map(|item| item.evaluate_or_null(scope))
        .collect();
    values.map(Value::Array)
}

impl Call {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        let mut values = Vec::with_capacity(self.arguments.len());
        for argument in &self.arguments {
            let value = match argument {
                Some(argument) => argument.evaluate_in(scope)?,
                None => None,
            };
            // By name, "not given" and "given, but missing" differ.
            let undefined = self.named && argument.is_some() && value.is_none();
            values.push(if undefined {
                Some(Value::Undefined)
            } else {
                value
            });
        }
        let collation = scope.collation().cloned();
        (self.function)(Arguments::new(self.operator, values, collation))
    }
}
