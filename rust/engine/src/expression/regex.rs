//! `$regexMatch`, `$regexFind`, `$regexFindAll`.

use fancy_regex::{Captures, Regex};
use mongolane_bson::{Document, Value};

use super::arguments::{Parameters, is_nullish, type_name};
use super::operator::{Operator::Special, Rows};
use super::{Evaluate, Expression, Names, Node, Scope};
use crate::query::Pattern;
use crate::{Error, Result};

pub(super) const OPERATORS: Rows = &[
    (
        "$regexFind",
        Special(|operator, operand, names| parse(operator, operand, names, first)),
    ),
    (
        "$regexFindAll",
        Special(|operator, operand, names| parse(operator, operand, names, all)),
    ),
    (
        "$regexMatch",
        Special(|operator, operand, names| parse(operator, operand, names, any)),
    ),
];

const PARAMETERS: Parameters = Parameters {
    names: &["input", "regex", "options"],
    required: 2,
    not_an_object: 51103,
    unknown: 31024,
    missing: &[31022, 31023],
};

/// What to answer for a text and a pattern; no pattern where either is null.
type Answer = fn(Option<(&Regex, &str)>) -> Result<Value>;

#[derive(Debug)]
struct Search {
    operator: &'static str,
    input: Expression,
    regex: Expression,
    options: Option<Expression>,
    /// The pattern, where it doesn't depend on the document.
    constant: Option<Pattern>,
    answer: Answer,
}

fn parse(
    operator: &'static str,
    operand: &Value,
    names: &Names<'_>,
    answer: Answer,
) -> Result<Node> {
    let mut parts = PARAMETERS.parse(operator, operand, names)?.into_iter();
    let mut next = || parts.next().flatten();
    let (Some(input), Some(regex), options) = (next(), next(), next()) else {
        return Err(PARAMETERS.missing(operator, "input"));
    };
    let constant = match (
        regex.as_constant(),
        options.as_ref().map(Expression::as_constant),
    ) {
        (Some(regex), None) => compile(operator, Some(regex), None)?,
        (Some(regex), Some(Some(options))) => compile(operator, Some(regex), Some(options))?,
        _ => None,
    };
    Ok(Node::Special(Box::new(Search {
        operator,
        input,
        regex,
        options,
        constant,
        answer,
    })))
}

impl Evaluate for Search {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Value>> {
        let input = self.input.evaluate_in(scope)?;
        let text = match &input {
            Some(Value::String(text) | Value::Symbol(text)) => Some(text.as_str()),
            value if is_nullish(value.as_ref()) => None,
            value => return Err(needs_text(self.operator, value.as_ref())),
        };
        let computed = if self.constant.is_none() {
            self.compile(scope)?
        } else {
            None
        };
        let pattern = self.constant.as_ref().or(computed.as_ref());
        (self.answer)(pattern.map(Pattern::regex).zip(text)).map(Some)
    }
}

impl Search {
    fn compile(&self, scope: &Scope<'_>) -> Result<Option<Pattern>> {
        let regex = self.regex.evaluate_in(scope)?;
        let options = match &self.options {
            Some(options) => options.evaluate_in(scope)?,
            None => None,
        };
        compile(self.operator, regex.as_ref(), options.as_ref())
    }
}

fn needs_text(operator: &str, value: Option<&Value>) -> Error {
    let found = type_name(value);
    Error::new(
        51104,
        format!("{operator} needs 'input' to be of type string, found {found}"),
    )
}

fn compile(
    operator: &str,
    regex: Option<&Value>,
    options: Option<&Value>,
) -> Result<Option<Pattern>> {
    let given = match options {
        Some(Value::String(text)) => Some(text.as_str()),
        value if is_nullish(value) => None,
        _ => {
            return Err(Error::new(
                51106,
                format!("{operator} needs 'options' to be of type string"),
            ));
        }
    };
    let (text, own) = match regex {
        Some(Value::String(text)) => (text, ""),
        Some(Value::Regex(text, own)) => (text, own.as_str()),
        value if is_nullish(value) => return Ok(None),
        _ => {
            return Err(Error::new(
                51105,
                format!("{operator} needs 'regex' to be of type string or regex"),
            ));
        }
    };
    if !own.is_empty() && given.is_some_and(|given| !given.is_empty()) {
        return Err(Error::new(
            51107,
            format!(
                "{operator}: found regex option(s) specified in both 'regex' and 'option' fields"
            ),
        ));
    }
    let options = if own.is_empty() {
        given.unwrap_or("")
    } else {
        own
    };
    let pattern = Pattern::new(text, options);
    pattern.map(Some).map_err(|error| match error.code {
        51091 => Error::new(
            51111,
            format!("Invalid Regex in {operator}: {}", error.message),
        ),
        _ => error,
    })
}

fn failed(error: fancy_regex::Error) -> Error {
    Error::new(
        51156,
        format!("Error occurred while executing the regular expression: {error}"),
    )
}

fn any(search: Option<(&Regex, &str)>) -> Result<Value> {
    let Some((regex, text)) = search else {
        return Ok(Value::Bool(false));
    };
    regex.is_match(text).map(Value::Bool).map_err(failed)
}

fn first(search: Option<(&Regex, &str)>) -> Result<Value> {
    let Some((regex, text)) = search else {
        return Ok(Value::Null);
    };
    let found = regex.captures(text).map_err(failed)?;
    Ok(found.map_or(Value::Null, |captures| report(text, &captures)))
}

fn all(search: Option<(&Regex, &str)>) -> Result<Value> {
    let Some((regex, text)) = search else {
        return Ok(Value::Array(Vec::new()));
    };
    let mut found = Vec::new();
    for captures in regex.captures_iter(text) {
        let captures = captures.map_err(failed)?;
        // The server stops at the end of the text, but for an empty one.
        let at_end = captures
            .get(0)
            .is_some_and(|whole| whole.start() == text.len());
        if !at_end || text.is_empty() {
            found.push(report(text, &captures));
        }
    }
    Ok(Value::Array(found))
}

/// What matched, where it begins in code points, and its groups.
fn report(text: &str, captures: &Captures<'_, str>) -> Value {
    let whole = captures.get(0).expect("group zero is the match");
    let groups = captures.iter().skip(1);
    let groups = groups.map(|group| group.map_or(Value::Null, |group| group.as_str().into()));
    let mut document = Document::new();
    document.push("match", whole.as_str());
    document.push("idx", text[..whole.start()].chars().count() as i32);
    document.push("captures", groups.collect::<Vec<_>>());
    Value::Document(document)
}

#[cfg(test)]
mod tests {
    use crate::expression::testing::{error, value};

    /// A match tells its text, its place in code points, and its groups.
    #[test]
    fn find_reports_match() {
        assert_eq!(
            value(r#"{"match": "a1", "idx": 1, "captures": ["1", null]}"#),
            value(r#"{"$regexFind": {"input": "éa1", "regex": "a([0-9])(b)?"}}"#)
        );
        assert_eq!(
            value("[]"),
            value(r#"{"$regexFindAll": {"input": "x", "regex": "y"}}"#)
        );
    }

    /// Options count, null is no match, and a bad pattern is refused.
    #[test]
    fn match_knows_options() {
        assert_eq!(
            value("true"),
            value(r#"{"$regexMatch": {"input": "ABC", "regex": "b", "options": "i"}}"#)
        );
        assert_eq!(
            value("false"),
            value(r#"{"$regexMatch": {"input": null, "regex": "b"}}"#)
        );
        assert_eq!(
            51111,
            error(r#"{"$regexMatch": {"input": "a", "regex": "("}}"#)
        );
    }
}
