//! Pipelines over documents from JSON, and the tests of streaming stages.

use super::*;
use crate::expression::testing::{document, json};

/// Collections from JSON arrays.
struct Collections(Document);

impl Catalog for Collections {
    fn find(&self, collection: &str, filter: &Matcher) -> Result<Documents<'_>> {
        let documents = documents(self.0.get(collection).unwrap_or(&Value::Null));
        let matching = documents
            .into_iter()
            .filter(|document| filter.matches(document).unwrap());
        Ok(Box::new(matching.map(Ok).collect::<Vec<_>>().into_iter()))
    }
}

fn documents(value: &Value) -> Vec<Document> {
    let Value::Array(items) = value else {
        return Vec::new();
    };
    let document = |item: &Value| match item {
        Value::Document(document) => document.clone(),
        other => panic!("not a document: {other:?}"),
    };
    items.iter().map(document).collect()
}

/// What `pipeline` makes of `input` beside `others`.
pub(super) fn run_beside(others: &str, input: &str, pipeline: &str) -> Result<Value> {
    let Value::Array(stages) = json(pipeline) else {
        panic!("not an array: {pipeline}")
    };
    let parsed = Pipeline::parse(&stages)?;
    let (variables, catalog) = (Variables::at(0), Collections(document(others)));
    let context = Context {
        variables: &variables,
        catalog: &catalog,
    };
    let input = Box::new(documents(&json(input)).into_iter().map(Ok));
    let output = parsed
        .run(input, context)
        .map(|document| document.map(Value::Document));
    output.collect::<Result<_>>().map(Value::Array)
}

/// Asserts that `pipeline` makes `expected` of `input`.
pub(super) fn check(input: &str, pipeline: &str, expected: &str) {
    let output =
        run_beside("{}", input, pipeline).unwrap_or_else(|error| panic!("{error}: {pipeline}"));
    assert_eq!(json(expected), output, "{pipeline}");
}

/// The code that `pipeline` fails with on one empty document.
pub(super) fn error(pipeline: &str) -> i32 {
    run_beside("{}", "[{}]", pipeline).expect_err(pipeline).code
}

/// Documents are filtered, ordered and cut.
#[test]
fn documents_are_chosen() {
    check(
        r#"[{"a": 3}, {"a": 1}, {"a": 2}, {"a": 0}]"#,
        r#"[{"$match": {"a": {"$gt": 0}}}, {"$sort": {"a": 1}}, {"$skip": 1}, {"$limit": 1}]"#,
        r#"[{"a": 2}]"#,
    );
}

/// A sort knows how many of its documents are needed.
#[test]
fn sort_before_limit_keeps_few() {
    let Value::Array(stages) = json(r#"[{"$sort": {"a": 1}}, {"$skip": 2}, {"$limit": 3}]"#) else {
        panic!("an array")
    };
    let pipeline = Pipeline::parse(&stages).unwrap();

    assert_eq!(Some(5), pipeline.leading_sort().unwrap().1);
}

/// A limit stops the input from being read further.
#[test]
fn limit_reads_no_further() {
    let Value::Array(stages) = json(r#"[{"$match": {}}, {"$limit": 1}]"#) else {
        panic!("an array")
    };
    let pipeline = Pipeline::parse(&stages).unwrap();
    let (variables, catalog) = (Variables::at(0), Collections(Document::new()));
    let context = Context {
        variables: &variables,
        catalog: &catalog,
    };
    let failing = [Ok(Document::new()), Err(Error::new(1, "read too far"))];

    assert_eq!(
        1,
        pipeline
            .run(Box::new(failing.into_iter()), context)
            .map(Result::unwrap)
            .count()
    );
}

/// Stages that don't exist and those that aren't here are told apart.
#[test]
fn unknown_stages_are_refused() {
    assert_eq!(40324, error(r#"[{"$foo": 1}]"#));
    assert_eq!(238, error(r#"[{"$geoNear": {}}]"#));
    assert_eq!(40323, error(r#"[{"$match": {}, "$limit": 1}]"#));
    assert_eq!(15958, error(r#"[{"$limit": 0}]"#));
}

/// An update's pipeline changes one document, and may not search others.
#[test]
fn updates_take_few_stages() {
    let stages = |text: &str| match json(text) {
        Value::Array(stages) => stages,
        other => panic!("not an array: {other:?}"),
    };
    let pipeline = Pipeline::parse_update(
        &stages(r#"[{"$set": {"b": "$a"}}, {"$unset": "a"}]"#),
        &Names::any(),
    );
    let updated = pipeline
        .unwrap()
        .update(&document(r#"{"a": 1}"#), &Variables::at(0));

    assert_eq!(document(r#"{"b": 1}"#), updated.unwrap());
    let refused = Pipeline::parse_update(&stages(r#"[{"$match": {}}]"#), &Names::any());
    assert_eq!(72, refused.unwrap_err().code);
}
