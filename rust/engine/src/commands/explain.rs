//! `explain`: which way to the documents a query would take.

use mongolane_bson::{Document, Value};

use super::Call;
use super::find::{collation, hinted};
use crate::expression::Variables;
use crate::query::{Matcher, Sort};
use crate::storage::{Collection, Namespace, Plan};
use crate::wire::Reply;
use crate::{Error, Result};

pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply> {
    let explained = call
        .arguments
        .document("explain")?
        .ok_or_else(|| call.arguments.missing("explain"))?;
    explain(call, explained)
}

/// Explains a command.
pub(crate) fn explain(call: &Call<'_>, explained: &Document) -> Result<Reply> {
    let (name, collection) = match explained.iter().next() {
        Some((name, Value::String(collection))) => (name.as_str(), collection),
        _ => return Err(Error::new(9, "explain needs a command on a collection")),
    };
    let namespace = Namespace::new(call.database, collection)?;
    let filter = filter_of(name, explained)?;
    let by = collation(call, &namespace, explained.get("collation"))?;
    let matcher = Matcher::parse_with(&filter, Variables::default().under(by))?;
    let slot = call.state.catalog.get(&namespace);
    let content = slot.as_ref().map(|slot| slot.content.read());
    let (mut plan, examined, returned) = match content.as_deref() {
        Some(content) => examine(
            content,
            &*matcher.bind(content.text_index())?,
            explained.get("hint"),
        )?,
        None => (stage("EOF", None), 0, 0),
    };
    if let Some(Value::Document(sort)) = explained.get("sort").filter(|_| name == "find")
        && !Sort::parse(sort)?.is_empty()
    {
        let mut sorted = stage("SORT", Some(plan));
        sorted.push("sortPattern", sort.clone());
        plan = sorted;
    }
    Ok(reply(&namespace, filter, plan, examined, returned))
}

fn filter_of(name: &str, explained: &Document) -> Result<Document> {
    let first = |key: &str| match explained.get(key) {
        Some(Value::Array(items)) => match items.first() {
            Some(Value::Document(inner)) => Some(inner.clone()),
            _ => None,
        },
        _ => None,
    };
    let filter = match name {
        "find" => explained.get("filter").cloned(),
        "count" | "distinct" | "findAndModify" => explained.get("query").cloned(),
        "update" => first("updates").and_then(|update| update.get("q").cloned()),
        "delete" => first("deletes").and_then(|delete| delete.get("q").cloned()),
        "aggregate" => first("pipeline").and_then(|stage| stage.get("$match").cloned()),
        _ => {
            return Err(Error::new(
                59,
                format!("Explain failed due to unknown command: {name}"),
            ));
        }
    };
    match filter {
        Some(Value::Document(filter)) => Ok(filter),
        _ => Ok(Document::new()),
    }
}

fn examine(
    content: &Collection,
    matcher: &Matcher,
    hint: Option<&Value>,
) -> Result<(Document, usize, usize)> {
    let plan = Plan::choose_with(content, matcher, hinted(content, hint)?);
    let candidates = plan.records(content);
    let mut returned = 0;
    for record in &candidates {
        let Some(bytes) = content.get(*record) else {
            continue;
        };
        returned += usize::from(matcher.find(&crate::path::Raw(bytes))?.is_some());
    }
    let shown = match &plan {
        Plan::Scan => {
            let mut scan = stage("COLLSCAN", None);
            scan.push("direction", "forward");
            scan
        }
        Plan::Ranges { index, .. } => {
            let spec = &content.indexes()[*index].spec;
            let mut scan = stage("IXSCAN", None);
            scan.push("keyPattern", spec.keys.clone());
            scan.push("indexName", spec.name.as_str());
            scan.push("isMultiKey", content.indexes()[*index].is_multikey());
            scan.push("isUnique", spec.unique);
            let fetched = stage("FETCH", Some(scan));
            match matcher.text() {
                Some(_) => stage("TEXT_MATCH", Some(fetched)),
                None => fetched,
            }
        }
    };
    Ok((shown, candidates.len(), returned))
}

fn stage(name: &str, input: Option<Document>) -> Document {
    let mut stage = Document::new();
    stage.push("stage", name);
    if let Some(input) = input {
        stage.push("inputStage", input);
    }
    stage
}

fn reply(
    namespace: &Namespace,
    filter: Document,
    plan: Document,
    examined: usize,
    returned: usize,
) -> Reply {
    let mut planner = Document::new();
    planner.push("namespace", namespace.to_string());
    planner.push("parsedQuery", filter);
    planner.push("winningPlan", plan);
    planner.push("rejectedPlans", Vec::new());
    let mut statistics = Document::new();
    statistics.push("executionSuccess", true);
    statistics.push("nReturned", returned as i32);
    statistics.push("totalDocsExamined", examined as i32);
    let mut reply = Reply::new();
    reply.put("explainVersion", "1");
    reply.put("queryPlanner", planner);
    reply.put("executionStats", statistics);
    reply
}
