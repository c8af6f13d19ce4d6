//! `$lookup`: documents of another collection, by equal fields, by a pipeline
//! with variables, or both.
//!
//! Equality is a hash join: the other collection is read once and its
//! documents are found by the keys of their field. Where that field is
//! indexed, each document asks for its own instead.

use std::collections::HashMap;

use mongolane_bson::{Document, Value};

use super::{Context, Documents, Pipeline, Run};
use crate::collation::{self, Collation};
use crate::compare::Key;
use crate::expression::{Expression, FieldPath, Names, Scope, check_name};
use crate::path::{self, Path};
use crate::query::Matcher;
use crate::{Error, Result};

#[derive(Debug)]
pub(super) struct Lookup {
    /// None where the pipeline brings its own documents.
    from: Option<String>,
    to: FieldPath,
    equality: Option<(Path, Path)>,
    variables: Vec<(String, Expression)>,
    pipeline: Option<Pipeline>,
    /// What the pipeline's leading `$match` asks, answered without a copy.
    filter: Option<Matcher>,
}

fn refuse(message: impl Into<String>) -> Error {
    Error::new(9, message)
}

const KNOWN: [&str; 6] = [
    "from",
    "as",
    "localField",
    "foreignField",
    "let",
    "pipeline",
];

pub(super) fn parse(spec: &Value, names: &Names<'_>) -> Result<Lookup> {
    let Value::Document(spec) = spec else {
        return Err(refuse(format!(
            "the $lookup stage specification must be an object, but found {}",
            spec.type_name()
        )));
    };
    if let Some(key) = spec.keys().find(|key| !KNOWN.contains(key)) {
        return Err(refuse(format!("unknown argument to $lookup: {key}")));
    }
    let from = parse_from(spec)?;
    let to = text(spec, "as")?.ok_or_else(|| refuse("must specify 'as' field for a $lookup"))?;
    let equality = parse_equality(spec)?;
    let variables = parse_let(spec, names)?;
    let inner = names.with(variables.iter().map(|(name, _)| name.as_str()).collect());
    let mut pipeline = parse_pipeline(spec, &inner)?;
    if pipeline.is_none() && equality.is_none() {
        return Err(refuse(
            "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified",
        ));
    }
    if pipeline.is_none() && !variables.is_empty() {
        return Err(refuse(
            "$lookup with a 'let' argument must also specify 'pipeline'",
        ));
    }
    let filter = pipeline.as_mut().and_then(Pipeline::take_filter);
    let filter = filter.map(|filter| Matcher::parse(&filter)).transpose()?;
    Ok(Lookup {
        from,
        to: FieldPath::parse(to)?,
        equality,
        variables,
        pipeline,
        filter,
    })
}

fn parse_from(spec: &Document) -> Result<Option<String>> {
    match text(spec, "from")? {
        None if !brings_documents(spec.get("pipeline")) => Err(refuse(
            "missing 'from' option to $lookup stage specification",
        )),
        from => Ok(from.map(str::to_owned)),
    }
}

/// The fields that shall be equal: of this collection and of the other one.
fn parse_equality(spec: &Document) -> Result<Option<(Path, Path)>> {
    match (text(spec, "localField")?, text(spec, "foreignField")?) {
        (Some(local), Some(foreign)) => {
            FieldPath::parse(local)?;
            FieldPath::parse(foreign)?;
            Ok(Some((Path::new(local), Path::new(foreign))))
        }
        (None, None) => Ok(None),
        _ => Err(refuse(
            "$lookup requires both or neither of 'localField' and 'foreignField' to be specified",
        )),
    }
}

fn parse_pipeline(spec: &Document, names: &Names<'_>) -> Result<Option<Pipeline>> {
    match spec.get("pipeline") {
        None => Ok(None),
        Some(Value::Array(stages)) => Pipeline::parse_in(stages, names).map(Some),
        Some(other) => {
            let found = other.type_name();
            let message = format!("'pipeline' option must be specified as an array, found {found}");
            Err(Error::new(14, message))
        }
    }
}

/// Whether a pipeline begins with `$documents`.
pub(super) fn brings_documents(pipeline: Option<&Value>) -> bool {
    let Some(Value::Array(stages)) = pipeline else {
        return false;
    };
    matches!(stages.first(), Some(Value::Document(stage)) if stage.contains_key("$documents"))
}

fn text<'a>(spec: &'a Document, key: &str) -> Result<Option<&'a str>> {
    match spec.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(refuse(format!(
            "$lookup argument '{key}' must be a string, is type {}",
            other.type_name()
        ))),
    }
}

fn parse_let(spec: &Document, names: &Names<'_>) -> Result<Vec<(String, Expression)>> {
    let variables = match spec.get("let") {
        None => return Ok(Vec::new()),
        Some(Value::Document(variables)) => variables,
        Some(other) => {
            return Err(refuse(format!(
                "$lookup argument 'let' must be an object, is type {}",
                other.type_name()
            )));
        }
    };
    let parse = |(name, value): &(String, Value)| {
        check_name(name)?;
        Ok((name.clone(), Expression::parse_in(value, names)?))
    };
    variables.iter().map(parse).collect()
}

/// The other collection's documents, as they were read once.
#[derive(Default)]
struct Foreign {
    documents: Vec<Document>,
    places: HashMap<Key, Vec<usize>>,
}

impl Foreign {
    fn read(lookup: &Lookup, context: Context<'_>) -> Result<Self> {
        let everything = Matcher::parse(&Document::new())?;
        let documents = match &lookup.from {
            Some(from) => context
                .catalog
                .find(from, &everything)?
                .collect::<Result<Vec<_>>>()?,
            None => Vec::new(),
        };
        let mut foreign = Self {
            documents,
            places: HashMap::new(),
        };
        if let Some((_, field)) = &lookup.equality {
            for (at, document) in foreign.documents.iter().enumerate() {
                for key in keys(document, field, context.variables.collation()) {
                    let places = foreign.places.entry(key).or_default();
                    // One document may reach the same value twice.
                    if places.last() != Some(&at) {
                        places.push(at);
                    }
                }
            }
        }
        Ok(foreign)
    }

    /// The documents that are equal in the field, in their order.
    fn matching<'a>(
        &'a self,
        lookup: &'a Lookup,
        document: &Document,
        by: Option<&Collation>,
    ) -> Box<dyn Iterator<Item = &'a Document> + 'a> {
        let Some((local, _)) = &lookup.equality else {
            return Box::new(self.documents.iter());
        };
        let found = keys(document, local, by)
            .into_iter()
            .filter_map(|key| self.places.get(&key));
        let mut places: Vec<usize> = found.flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        Box::new(places.into_iter().map(|at| &self.documents[at]))
    }
}

/// The values at a path, elements of arrays and arrays themselves; nothing at
/// its end counts as null.
pub(super) fn keys(document: &Document, path: &Path, by: Option<&Collation>) -> Vec<Key> {
    let mut keys = Vec::new();
    path::visit(document, path, path::Leaf::Both, &mut |value, _| {
        let value = value.filter(|value| !matches!(value, Value::Undefined));
        keys.push(collation::key(by, value.unwrap_or(&Value::Null)));
        false
    });
    keys
}

impl Lookup {
    fn extend(
        &self,
        mut document: Document,
        foreign: &mut Option<Foreign>,
        context: Context<'_>,
    ) -> Result<Document> {
        let found = match (&self.from, self.indexed_filter(&document, context)?) {
            (Some(from), Some(filter)) => {
                let found = context
                    .catalog
                    .find(from, &filter)?
                    .collect::<Result<Vec<_>>>()?;
                self.refine(found.iter(), &document, context)?
            }
            _ => {
                if foreign.is_none() {
                    *foreign = Some(Foreign::read(self, context)?);
                }
                let foreign = foreign.get_or_insert_default();
                let by = context.variables.collation();
                self.refine(foreign.matching(self, &document, by), &document, context)?
            }
        };
        let found = found.into_iter().map(Value::Document).collect();
        self.to.set(&mut document, Value::Array(found));
        Ok(document)
    }

    /// A filter for one document's partners, where an index answers it.
    fn indexed_filter(&self, document: &Document, context: Context<'_>) -> Result<Option<Matcher>> {
        let Some((local, field)) = &self.equality else {
            return Ok(None);
        };
        let is_indexed = |from: &String| context.catalog.is_indexed(from, field.as_str());
        if !self.from.as_ref().is_some_and(is_indexed) {
            return Ok(None);
        }
        let value = match path::values(document, local).as_slice() {
            [] => Value::Null,
            [single] if !matches!(single, Value::Array(_)) => single.clone(),
            _ => return Ok(None),
        };
        let equals = Document::from_iter([("$eq".to_owned(), value)]);
        let filter = Document::from_iter([(field.as_str().to_owned(), Value::Document(equals))]);
        let matcher = Matcher::parse(&filter)?;
        Ok(Some(
            matcher.under(context.variables.collation()).into_owned(),
        ))
    }

    /// Runs the pipeline over the candidates, `document`'s variables bound.
    fn refine<'f>(
        &self,
        candidates: impl Iterator<Item = &'f Document>,
        document: &Document,
        context: Context<'_>,
    ) -> Result<Vec<Document>> {
        let Some(pipeline) = &self.pipeline else {
            return Ok(candidates.cloned().collect());
        };
        let scope = Scope::new(document, context.variables);
        let mut variables = context.variables.clone();
        for (name, value) in &self.variables {
            variables.bind(name.as_str(), value.evaluate_in(&scope)?);
        }
        let context = Context {
            variables: &variables,
            ..context
        };
        let by = context.variables.collation();
        let filter = self.filter.as_ref().map(|filter| filter.under(by));
        let wanted = candidates.filter_map(|candidate| match &filter {
            None => Some(Ok(candidate.clone())),
            Some(filter) => match filter.matches_with(candidate, &variables) {
                Ok(true) => Some(Ok(candidate.clone())),
                Ok(false) => None,
                Err(error) => Some(Err(error)),
            },
        });
        pipeline.run(Box::new(wanted), context).collect()
    }
}

impl Run for Lookup {
    fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        let mut foreign = None;
        Box::new(input.map(move |document| self.extend(document?, &mut foreign, context)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{error, run_beside};
    use crate::expression::testing::json;

    const OTHERS: &str = r#"{"other": [{"_id": 1, "k": "a"}, {"_id": 2, "k": ["a", "b"]}, {"_id": 3}, {"_id": 4, "k": null}]}"#;

    fn check(input: &str, pipeline: &str, expected: &str) {
        let output = run_beside(OTHERS, input, pipeline)
            .unwrap_or_else(|error| panic!("{error}: {pipeline}"));
        assert_eq!(json(expected), output, "{pipeline}");
    }

    const FOUND: &str = r#"{"$set": {"o": "$o._id"}}"#;

    /// Equal fields meet through arrays on both sides; missing meets null.
    #[test]
    fn equal_fields_meet() {
        check(
            r#"[{"v": "a"}, {"v": ["b", "x"]}, {}, {"v": "z"}]"#,
            &format!(
                r#"[{{"$lookup": {{"from": "other", "localField": "v", "foreignField": "k", "as": "o"}}}}, {FOUND}]"#
            ),
            r#"[{"v": "a", "o": [1, 2]}, {"v": ["b", "x"], "o": [2]}, {"o": [3, 4]}, {"v": "z", "o": []}]"#,
        );
    }

    /// A pipeline sees the variables of each document.
    #[test]
    fn pipelines_see_variables() {
        check(
            r#"[{"v": 2}]"#,
            &format!(
                r#"[{{"$lookup": {{"from": "other", "let": {{"least": "$v"}}, "pipeline": [{{"$match": {{"$expr": {{"$gte": ["$_id", "$$least"]}}}}}}, {{"$limit": 2}}], "as": "o"}}}}, {FOUND}]"#
            ),
            r#"[{"v": 2, "o": [2, 3]}]"#,
        );
    }

    /// Both forms together narrow each other.
    #[test]
    fn both_forms_narrow() {
        check(
            r#"[{"v": "a"}]"#,
            &format!(
                r#"[{{"$lookup": {{"from": "other", "localField": "v", "foreignField": "k", "pipeline": [{{"$match": {{"_id": {{"$gt": 1}}}}}}], "as": "o"}}}}, {FOUND}]"#
            ),
            r#"[{"v": "a", "o": [2]}]"#,
        );
    }

    /// A half equality and unknown variables are refused.
    #[test]
    fn bad_lookups_are_refused() {
        assert_eq!(
            9,
            error(r#"[{"$lookup": {"from": "other", "localField": "v", "as": "o"}}]"#)
        );
        assert_eq!(9, error(r#"[{"$lookup": {"from": "other", "as": "o"}}]"#));
    }
}
