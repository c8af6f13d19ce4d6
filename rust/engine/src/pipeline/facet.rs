//! `$facet`: several pipelines over the same documents, in one.

use mongolane_bson::{Document, Value};

use super::{Context, Documents, Pipeline, Run, deferred};
use crate::expression::Names;
use crate::{Error, Result};

#[derive(Debug)]
pub(super) struct Facet(Vec<(String, Pipeline)>);

/// Stages that can't stand within a facet.
const REFUSED: &[&str] = &[
    "$facet",
    "$geoNear",
    "$out",
    "$merge",
    "$collStats",
    "$indexStats",
    "$planCacheStats",
];

pub(super) fn parse(spec: &Value, names: &Names<'_>) -> Result<Facet> {
    let Value::Document(spec) = spec else {
        return Err(Error::new(
            40169,
            "the $facet specification must be a non-empty object",
        ));
    };
    if spec.is_empty() {
        return Err(Error::new(
            40169,
            "the $facet specification must be a non-empty object",
        ));
    }
    let facet = |(name, stages): &(String, Value)| {
        let Value::Array(stages) = stages else {
            let found = stages.type_name();
            return Err(Error::new(
                40170,
                format!("arguments to $facet must be arrays, {name} is type {found}"),
            ));
        };
        check_name(name)?;
        check(stages)?;
        Ok((name.clone(), Pipeline::parse_in(stages, names)?))
    };
    spec.iter().map(facet).collect::<Result<_>>().map(Facet)
}

/// A facet's name becomes a field's.
fn check_name(name: &str) -> Result<()> {
    let refused = |code, why: &str| {
        Err(Error::new(
            code,
            format!("FieldPath field names may not {why}."),
        ))
    };
    match name {
        "" => refused(15998, "be empty strings"),
        _ if name.starts_with('$') => refused(16410, "start with '$'"),
        _ if name.contains('.') => refused(16412, "contain '.'"),
        _ => Ok(()),
    }
}

fn check(stages: &[Value]) -> Result<()> {
    for stage in stages {
        let Value::Document(stage) = stage else {
            continue;
        };
        if let Some(name) = stage.keys().find(|name| REFUSED.contains(name)) {
            return Err(Error::new(
                40600,
                format!("{name} is not allowed to be used within a $facet stage"),
            ));
        }
    }
    Ok(())
}

impl Run for Facet {
    fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        deferred(move || {
            let documents = input.collect::<Result<Vec<_>>>()?;
            let mut out = Document::new();
            for (name, pipeline) in &self.0 {
                let input = Box::new(documents.iter().cloned().map(Ok));
                let output = pipeline
                    .run(input, context)
                    .map(|document| document.map(Value::Document));
                out.push(name.as_str(), output.collect::<Result<Vec<_>>>()?);
            }
            Ok(vec![out])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, error};

    /// Each facet sees all documents.
    #[test]
    fn facets_see_everything() {
        check(
            r#"[{"a": 1}, {"a": 2}]"#,
            r#"[{"$facet": {"n": [{"$count": "n"}], "high": [{"$match": {"a": 2}}], "none": [{"$match": {"a": 3}}]}}]"#,
            r#"[{"n": [{"n": 2}], "high": [{"a": 2}], "none": []}]"#,
        );
        assert_eq!(
            40600,
            error(r#"[{"$facet": {"x": [{"$facet": {"y": []}}]}}]"#)
        );
        assert_eq!(40169, error(r#"[{"$facet": {}}]"#));
    }
}
