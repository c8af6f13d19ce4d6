//! `$count` and `$sortByCount`.

use mongolane_bson::{Document, Value};

use super::stages;
use super::{Context, Documents, Run, Stage, deferred};
use crate::expression::Names;
use crate::number::Number;
use crate::{Error, Result};

#[derive(Debug)]
pub(super) struct Count(String);

pub(super) fn parse(spec: &Value) -> Result<Count> {
    let name = match spec {
        Value::String(name) => name,
        _ => {
            return Err(Error::new(
                40156,
                "the count field must be a non-empty string",
            ));
        }
    };
    let (code, reason) = match name {
        name if name.is_empty() => (40156, "must be a non-empty string"),
        name if name.starts_with('$') => (40158, "cannot be a $-prefixed path"),
        name if name.contains('\0') => (40159, "cannot contain a null byte"),
        name if name.contains('.') => (40160, "cannot contain '.'"),
        name => return Ok(Count(name.clone())),
    };
    Err(Error::new(code, format!("the count field {reason}")))
}

impl Run for Count {
    fn run<'a>(&'a self, input: Documents<'a>, _: Context<'a>) -> Documents<'a> {
        deferred(move || {
            let mut count = 0;
            for document in input {
                document?;
                count += 1;
            }
            let mut out = Document::new();
            out.push(self.0.as_str(), Number::narrow(count));
            // Nothing at all has no count.
            Ok(if count == 0 { Vec::new() } else { vec![out] })
        })
    }
}

/// `$sortByCount` is a `$group` and a `$sort`, and is run as those.
pub(super) fn parse_sorted(spec: &Value, names: &Names<'_>) -> Result<Vec<Stage>> {
    let is_expression = match spec {
        Value::String(text) => text.starts_with('$'),
        Value::Document(spec) => spec.keys().next().is_some_and(|key| key.starts_with('$')),
        _ => {
            return Err(Error::new(
                40149,
                "the sortByCount field must be specified as a string or as an object",
            ));
        }
    };
    if !is_expression {
        let code = if matches!(spec, Value::String(_)) {
            40148
        } else {
            40147
        };
        return Err(Error::new(
            code,
            "the sortByCount field must be defined as a $-prefixed path or an expression inside an object",
        ));
    }
    let one = Document::from_iter([("$sum".to_owned(), Value::Int32(1))]);
    let group = Document::from_iter([
        ("_id".to_owned(), spec.clone()),
        ("count".to_owned(), Value::Document(one)),
    ]);
    let sort = Document::from_iter([("count".to_owned(), Value::Int32(-1))]);
    let mut stages = stages::parse(&stage("$group", group), names)?;
    stages.extend(stages::parse(&stage("$sort", sort), names)?);
    Ok(stages)
}

/// `{name: spec}`.
pub(super) fn stage(name: &str, spec: Document) -> Document {
    Document::from_iter([(name.to_owned(), Value::Document(spec))])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, error};

    /// A count is an int, and there is none of nothing.
    #[test]
    fn counts_are_ints() {
        check("[{}, {}]", r#"[{"$count": "n"}]"#, r#"[{"n": 2}]"#);
        check("[]", r#"[{"$count": "n"}]"#, "[]");
        assert_eq!(40160, error(r#"[{"$count": "a.b"}]"#));
    }

    /// The most frequent value comes first.
    #[test]
    fn frequent_values_first() {
        check(
            r#"[{"a": "x"}, {"a": "y"}, {"a": "y"}]"#,
            r#"[{"$sortByCount": "$a"}]"#,
            r#"[{"_id": "y", "count": 2}, {"_id": "x", "count": 1}]"#,
        );
        assert_eq!(40148, error(r#"[{"$sortByCount": "a"}]"#));
    }
}
