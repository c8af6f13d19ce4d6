//! Any filter, pipeline, update, sort, projection or expression is refused or run to its end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mongolane_bson::{Document, Value, extended};
use mongolane_engine::Result;
use mongolane_engine::expression::{Expression, Variables};
use mongolane_engine::pipeline::{Catalog, Context, Documents, Pipeline};
use mongolane_engine::query::{Matcher, Projection, Sort};
use mongolane_engine::update::{Situation, Update, seed};

// One line is the request, each further line a document.
fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut values = text.lines().take(6).filter_map(|line| {
        extended::from_text(&format!("{{\"v\":{line}}}"))
            .ok()?
            .remove("v")
    });
    let Some(request) = values.next() else {
        return;
    };
    let given = values.filter_map(|value| match value {
        Value::Document(document) => Some(document),
        _ => None,
    });
    let documents: Vec<Document> = given.chain([Document::new()]).collect();
    match &request {
        Value::Array(stages) => pipeline(stages, &documents),
        Value::Document(document) => as_document(document, &documents),
        _ => {}
    }
    update(&request, &documents);
    if let Ok(expression) = Expression::parse(&request) {
        for document in &documents {
            let value = expression.evaluate(document, &Variables::at(0));
            if let Ok(Some(value)) = value {
                reads_back(&Document::from_iter([("v".to_owned(), value)]));
            }
        }
    }
});

fn as_document(request: &Document, documents: &[Document]) {
    if let Ok(matcher) = Matcher::parse(request) {
        for document in documents {
            let _ = matcher.matches(document);
        }
        let _ = seed(request, false);
    }
    if let Ok(sort) = Sort::parse(request) {
        sort.apply(documents.to_vec(), None, |document| sort.key(document));
    }
    if let Ok(Some(projection)) = Projection::parse(request, Variables::at(0)) {
        let matcher = Matcher::parse(&Document::new()).expect("the empty filter");
        for document in documents {
            let matched = matcher.find(document).ok().flatten().expect("matches all");
            if let Ok(projected) = projection.apply(document, matched) {
                reads_back(&projected);
            }
        }
    }
}

fn update(request: &Value, documents: &[Document]) {
    let Ok(update) = Update::parse(request, &[], &Variables::at(0)) else {
        return;
    };
    let matcher = Matcher::parse(&Document::new()).expect("the empty filter");
    for document in documents {
        let matched = matcher.find(document).ok().flatten().expect("matches all");
        for is_insert in [false, true] {
            if let Ok(updated) = update.apply(document, Situation { matched, is_insert }) {
                reads_back(&updated);
            }
        }
    }
}

struct Same<'a>(&'a [Document]);

impl Catalog for Same<'_> {
    fn find(&self, _: &str, filter: &Matcher) -> Result<Documents<'_>> {
        let met = self.0.iter().map(|one| Ok((filter.matches(one)?, one)));
        let met: Vec<_> = met.collect::<Result<_>>()?;
        let met = met.into_iter().filter(|(met, _)| *met);
        Ok(Box::new(met.map(|(_, document)| Ok(document.clone()))))
    }
}

fn pipeline(stages: &[Value], documents: &[Document]) {
    let Ok(pipeline) = Pipeline::parse(stages) else {
        return;
    };
    let variables = Variables::at(0);
    let catalog = Same(documents);
    let context = Context {
        variables: &variables,
        catalog: &catalog,
    };
    let input = Box::new(documents.iter().cloned().map(Ok));
    for document in pipeline.run(input, context).take(1000).flatten() {
        reads_back(&document);
    }
}

/// Too deep is the only reason for which something computed can't be read; the
/// engine refuses such before it stores them.
fn reads_back(document: &Document) {
    let bytes = document.to_bytes();
    match Document::from_bytes(&bytes) {
        Ok(read) => assert_eq!(bytes, read.to_bytes()),
        Err(error) => assert!(bytes.len() > 1000, "{error}: {document:?}"),
    }
}
