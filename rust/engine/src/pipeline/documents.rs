//! `$documents`: documents from the pipeline itself.

use mongolane_bson::{Document, Value};

use super::{Context, Documents, Run, deferred};
use crate::expression::{Expression, Names, Scope};
use crate::{Error, Result};

#[derive(Debug)]
pub(super) struct Literal(Expression);

pub(super) fn parse(spec: &Value, names: &Names<'_>) -> Result<Literal> {
    Expression::parse_in(spec, names).map(Literal)
}

impl Literal {
    fn documents(&self, context: Context<'_>) -> Result<Vec<Document>> {
        let nothing = Document::new();
        let value = self
            .0
            .evaluate_in(&Scope::new(&nothing, context.variables))?;
        let Some(Value::Array(items)) = value else {
            return Err(Error::new(
                5_858_203,
                "an array is expected: $documents takes an array of objects",
            ));
        };
        items
            .into_iter()
            .map(|item| match item {
                Value::Document(document) => Ok(document),
                other => Err(Error::new(
                    40228,
                    format!(
                        "each element of $documents must be an object, but found {}",
                        other.type_name()
                    ),
                )),
            })
            .collect()
    }
}

impl Run for Literal {
    fn run<'a>(&'a self, _: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        deferred(move || self.documents(context))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, error};

    /// The documents are those of the pipeline.
    #[test]
    fn documents_are_literal() {
        check(
            "[]",
            r#"[{"$documents": [{"a": {"$add": [1, 1]}}, {"a": 3}]}, {"$match": {"a": 2}}]"#,
            r#"[{"a": 2}]"#,
        );
        assert_eq!(5_858_203, error(r#"[{"$documents": 5}]"#));
        assert_eq!(40602, error(r#"[{"$match": {}}, {"$documents": []}]"#));
    }
}
