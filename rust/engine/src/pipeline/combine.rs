//! `$unionWith`: another collection's documents after these.

use mongolane_bson::{Document, Value};

use super::lookup::brings_documents;
use super::{Context, Documents, Pipeline, Run};
use crate::expression::Names;
use crate::query::Matcher;
use crate::{Error, Result};

#[derive(Debug)]
pub(super) struct UnionWith {
    /// None where the pipeline brings its own documents.
    from: Option<String>,
    pipeline: Pipeline,
}

pub(super) fn parse(spec: &Value, names: &Names<'_>) -> Result<UnionWith> {
    match spec {
        Value::String(from) => Ok(UnionWith {
            from: Some(from.clone()),
            pipeline: Pipeline::default(),
        }),
        Value::Document(spec) => parse_options(spec, names),
        other => {
            let message = format!(
                "the $unionWith stage specification must be an object or string, but found {}",
                other.type_name()
            );
            Err(Error::new(9, message))
        }
    }
}

fn parse_options(spec: &Document, names: &Names<'_>) -> Result<UnionWith> {
    if let Some(key) = spec.keys().find(|key| !matches!(*key, "coll" | "pipeline")) {
        return Err(Error::new(
            40415,
            format!("BSON field '$unionWith.{key}' is an unknown field."),
        ));
    }
    let from = match spec.get("coll") {
        Some(Value::String(from)) => Some(from.clone()),
        None if brings_documents(spec.get("pipeline")) => None,
        _ => {
            return Err(Error::new(
                9,
                "$unionWith needs 'coll', the name of a collection",
            ));
        }
    };
    let pipeline = match spec.get("pipeline") {
        None => Pipeline::default(),
        Some(Value::Array(stages)) => Pipeline::parse_in(stages, names)?,
        Some(_) => return Err(Error::new(14, "$unionWith: 'pipeline' must be an array")),
    };
    Ok(UnionWith { from, pipeline })
}

impl UnionWith {
    fn others<'a>(&'a self, context: Context<'a>) -> Result<Documents<'a>> {
        let everything = Matcher::parse(&Document::new())?;
        let documents: Documents<'a> = match &self.from {
            Some(from) => context.catalog.find(from, &everything)?,
            None => Box::new(std::iter::empty()),
        };
        Ok(self.pipeline.run(documents, context))
    }
}

impl Run for UnionWith {
    fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        let others = std::iter::once_with(move || self.others(context));
        Box::new(input.chain(others.flat_map(|others| match others {
            Ok(documents) => documents,
            Err(error) => Box::new(std::iter::once(Err(error))),
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::run_beside;
    use crate::expression::testing::json;

    /// The other documents come last, through their own pipeline.
    #[test]
    fn others_come_last() {
        let output = run_beside(
            r#"{"other": [{"a": 2}, {"a": 3}]}"#,
            r#"[{"a": 1}]"#,
            r#"[{"$unionWith": {"coll": "other", "pipeline": [{"$match": {"a": 3}}]}}]"#,
        );

        assert_eq!(json(r#"[{"a": 1}, {"a": 3}]"#), output.unwrap());
    }
}
