//! `$fill`: values in the place of those that are null or missing. It is a
//! `$setWindowFields` for what comes from the neighbours, and a `$set` for
//! given values, and is run as those.

use mongolane_bson::{Document, Value};

use super::Stage;
use super::count::stage;
use super::stages;
use crate::expression::Names;
use crate::{Error, Result};

pub(super) fn parse(spec: &Value, names: &Names<'_>) -> Result<Vec<Stage>> {
    let Value::Document(spec) = spec else {
        return Err(Error::new(9, "The argument to $fill must be an object"));
    };
    const KNOWN: [&str; 4] = ["partitionBy", "partitionByFields", "sortBy", "output"];
    if let Some(key) = spec.keys().find(|key| !KNOWN.contains(key)) {
        let message = format!("BSON field '$fill.{key}' is an unknown field.");
        return Err(Error::new(40415, message));
    }
    let Some(Value::Document(output)) = spec.get("output") else {
        return Err(Error::new(
            40414,
            "BSON field '$fill.output' is missing but a required field",
        ));
    };
    let (mut values, mut methods) = (Document::new(), Document::new());
    for (field, how) in output {
        match rule(field, how)? {
            Rule::Value(value) => values.push(field.as_str(), value),
            Rule::Method(method) => methods.push(field.as_str(), method),
        }
    }
    let mut parsed = Vec::new();
    if !methods.is_empty() {
        let mut window = Document::new();
        if let Some(partition) = partition(spec)? {
            window.push("partitionBy", partition);
        }
        if let Some(order) = spec.get("sortBy") {
            window.push("sortBy", order.clone());
        }
        window.push("output", methods);
        parsed.extend(stages::parse(&stage("$setWindowFields", window), names)?);
    }
    if !values.is_empty() {
        parsed.extend(stages::parse(&stage("$addFields", values), names)?);
    }
    Ok(parsed)
}

enum Rule {
    Value(Document),
    Method(Document),
}

fn rule(field: &str, how: &Value) -> Result<Rule> {
    let reference = Value::String(format!("${field}"));
    let operator = |name: &str, operand| Document::from_iter([(name.to_owned(), operand)]);
    let Value::Document(how) = how else {
        return Err(Error::new(9, "each output of $fill must be an object"));
    };
    let (Some((key, value)), 1) = (how.iter().next(), how.len()) else {
        let message = "Each fill output needs exactly one of 'value' and 'method'";
        return Err(Error::new(6_050_501, message));
    };
    match (key.as_str(), value) {
        ("value", value) => {
            let pair = vec![reference, value.clone()];
            Ok(Rule::Value(operator("$ifNull", Value::Array(pair))))
        }
        ("method", Value::String(method)) if method == "locf" => {
            Ok(Rule::Method(operator("$locf", reference)))
        }
        ("method", Value::String(method)) if method == "linear" => {
            Ok(Rule::Method(operator("$linearFill", reference)))
        }
        ("method", _) => Err(Error::new(
            6_050_202,
            "Method must be either locf or linear",
        )),
        _ => Err(Error::new(
            40415,
            format!("BSON field '$fill.output.{key}' is an unknown field."),
        )),
    }
}

fn partition(spec: &Document) -> Result<Option<Value>> {
    match (spec.get("partitionBy"), spec.get("partitionByFields")) {
        (Some(_), Some(_)) => Err(Error::new(
            6_050_204,
            "Maximum one of 'partitionBy' and 'partitionByFields can be specified in '$fill'",
        )),
        (Some(expression), None) => Ok(Some(expression.clone())),
        (None, Some(Value::Array(fields))) => {
            let mut by = Document::new();
            for field in fields {
                match field {
                    Value::String(name) if name.starts_with('$') => {
                        return Err(Error::new(
                            6_050_203,
                            "a field of 'partitionByFields' may not start with '$'",
                        ));
                    }
                    // Their names don't matter, only their values.
                    Value::String(name) => {
                        by.push(format!("f{}", by.len()), format!("${name}"));
                    }
                    _ => return Err(Error::new(14, "'partitionByFields' holds names of fields")),
                }
            }
            Ok(Some(Value::Document(by)))
        }
        (None, Some(_)) => Err(Error::new(14, "'partitionByFields' must be an array")),
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, error};

    /// Gaps take a value, the last one before, or one on the line between.
    #[test]
    fn gaps_are_filled() {
        check(
            r#"[{"d": 3, "a": 9}, {"d": 1, "a": 1, "v": "x"}, {"d": 2, "a": null, "b": 1}, {"d": 4}]"#,
            r#"[{"$fill": {"sortBy": {"d": 1}, "output": {"a": {"method": "linear"}, "v": {"method": "locf"}, "b": {"value": 0}}}}]"#,
            r#"[{"d": 1, "a": 1, "v": "x", "b": 0}, {"d": 2, "a": 5.0, "b": 1, "v": "x"}, {"d": 3, "a": 9, "v": "x", "b": 0}, {"d": 4, "a": null, "v": "x", "b": 0}]"#,
        );
        check(
            r#"[{"p": 2, "a": 1}, {"p": 1}, {"p": 2}]"#,
            r#"[{"$fill": {"partitionByFields": ["p"], "output": {"a": {"method": "locf"}}}}]"#,
            r#"[{"p": 1, "a": null}, {"p": 2, "a": 1}, {"p": 2, "a": 1}]"#,
        );
        assert_eq!(
            6_050_202,
            error(r#"[{"$fill": {"output": {"a": {"method": "x"}}}}]"#)
        );
        assert_eq!(40414, error(r#"[{"$fill": {}}]"#));
    }
}
