//! `$redact`: parts of documents kept or dropped by what stands in them.

use mongolane_bson::{Document, Value};

use super::{Context, Documents, Run};
use crate::expression::{Expression, Names, Scope, Variables, describe};
use crate::{Error, Result};

/// The variables that say what becomes of a part, and what they stand for.
const DECISIONS: [(&str, &str); 3] = [("DESCEND", "descend"), ("KEEP", "keep"), ("PRUNE", "prune")];

#[derive(Debug)]
pub(super) struct Redact(Expression);

pub(super) fn parse(spec: &Value, names: &Names<'_>) -> Result<Redact> {
    // `$field` means that of the part at hand, while $$ROOT stays the whole.
    let known = names.with(vec!["CURRENT", "DESCEND", "KEEP", "PRUNE"]);
    Expression::parse_in(spec, &known).map(Redact)
}

impl Redact {
    /// What is left of a part, if anything is.
    fn part(
        &self,
        part: Document,
        root: &Document,
        variables: &Variables,
    ) -> Result<Option<Document>> {
        let mut bound = variables.clone();
        bound.bind("CURRENT", Some(Value::Document(part.clone())));
        let decision = self.0.evaluate_in(&Scope::new(root, &bound))?;
        match &decision {
            Some(Value::String(text)) if text == "keep" => Ok(Some(part)),
            Some(Value::String(text)) if text == "prune" => Ok(None),
            Some(Value::String(text)) if text == "descend" => {
                let mut out = Document::new();
                for (key, value) in part {
                    if let Some(value) = self.value(value, root, variables)? {
                        out.push(key, value);
                    }
                }
                Ok(Some(out))
            }
            other => {
                let shown = other.as_ref().map_or("MISSING".to_owned(), describe);
                let message = format!(
                    "$redact's expression should not return anything aside from the variables \
                     $$KEEP, $$DESCEND, and $$PRUNE, but returned {shown}"
                );
                Err(Error::new(17053, message))
            }
        }
    }

    fn value(&self, value: Value, root: &Document, variables: &Variables) -> Result<Option<Value>> {
        match value {
            Value::Document(part) => Ok(self.part(part, root, variables)?.map(Value::Document)),
            Value::Array(items) => {
                let kept = items
                    .into_iter()
                    .filter_map(|item| self.value(item, root, variables).transpose());
                kept.collect::<Result<_>>()
                    .map(|items| Some(Value::Array(items)))
            }
            other => Ok(Some(other)),
        }
    }
}

impl Run for Redact {
    fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        let mut variables = context.variables.clone();
        for (name, value) in DECISIONS {
            variables.bind(name, Some(Value::from(value)));
        }
        Box::new(input.filter_map(move |document| {
            match document {
                Ok(document) => self
                    .part(document.clone(), &document, &variables)
                    .transpose(),
                failed => Some(failed),
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, error};

    /// Each level is judged by its own fields.
    #[test]
    fn levels_are_judged() {
        check(
            r#"[{"l": 1, "a": {"l": 5, "x": 1}, "b": [{"l": 1, "y": 2}, {"l": 9}, 3]}, {"l": 7}]"#,
            r#"[{"$redact": {"$cond": [{"$lte": ["$l", 2]}, "$$DESCEND", "$$PRUNE"]}}]"#,
            r#"[{"l": 1, "b": [{"l": 1, "y": 2}, 3]}]"#,
        );
        check(
            r#"[{"l": 1, "a": {"l": 5}}]"#,
            r#"[{"$redact": {"$cond": [{"$eq": ["$$ROOT.l", 1]}, "$$KEEP", "$$PRUNE"]}}]"#,
            r#"[{"l": 1, "a": {"l": 5}}]"#,
        );
        assert_eq!(17053, error(r#"[{"$redact": 5}]"#));
    }
}
