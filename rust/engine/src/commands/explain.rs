//! `explain`: which way to the documents a query would take.

use mongolane_bson::{Document, Value};

use super::Call;
use super::search::{collation, hinted, in_order};
use crate::expression::Variables;
use crate::number::whole_number;
use crate::query::{Matcher, Sort};
use crate::storage::{Collection, Namespace, Plan};
use crate::wire::Reply;
use crate::{Error, Result};

pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply> {
    let explained = call
        .arguments
        .document("explain")?
        .ok_or_else(|| call.arguments.missing("explain"))?;
    let verbosity = Verbosity::parse(call.arguments.text("verbosity")?)?;
    explain(call, explained, verbosity)
}

/// The plan of a command alone: what `explain: true` in an aggregate asks for.
pub(crate) fn plan(call: &Call<'_>, explained: &Document) -> Result<Reply> {
    explain(call, explained, Verbosity::Planner)
}

/// How much is told.
#[derive(Clone, Copy)]
enum Verbosity {
    Planner,
    Statistics,
    AllPlans,
}

impl Verbosity {
    fn parse(name: Option<&str>) -> Result<Self> {
        match name {
            Some("queryPlanner") => Ok(Self::Planner),
            Some("executionStats") => Ok(Self::Statistics),
            None | Some("allPlansExecution") => Ok(Self::AllPlans),
            Some(other) => Err(Error::new(
                2,
                format!(
                    "Enumeration value '{other}' for field 'explain.verbosity' is not a \
                     valid value."
                ),
            )),
        }
    }
}

fn explain(call: &Call<'_>, explained: &Document, verbosity: Verbosity) -> Result<Reply> {
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
    let sort = match explained.get("sort") {
        Some(Value::Document(sort)) if name == "find" => Some(sort),
        _ => None,
    };
    let (plan, examined, returned) = match content.as_deref() {
        Some(content) => {
            let matcher = matcher.bind(content.text_index())?;
            examine(content, &matcher, explained, sort)?
        }
        None => (stage("EOF", None), 0, 0),
    };
    let mut reply = Reply::new();
    reply.put("explainVersion", "1");
    reply.put("queryPlanner", planner(&namespace, filter, plan.clone()));
    if !matches!(verbosity, Verbosity::Planner) {
        let mut statistics = statistics(plan, examined, returned);
        if matches!(verbosity, Verbosity::AllPlans) {
            // No other plan is ever tried.
            statistics.push("allPlansExecution", Vec::new());
        }
        reply.put("executionStats", statistics);
    }
    reply.put("command", explained.clone());
    Ok(reply)
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

/// The plan, how many documents it looks at, and how many it finds.
fn examine(
    content: &Collection,
    matcher: &Matcher,
    explained: &Document,
    pattern: Option<&Document>,
) -> Result<(Document, usize, usize)> {
    let hint = explained.get("hint");
    let sort = match pattern.filter(|pattern| !pattern.contains_key("$natural")) {
        Some(pattern) => Sort::parse(pattern)?.under(matcher.variables().collation()),
        None => Sort::default(),
    };
    let order = in_order(content, hint, matcher, &sort)?;
    let sorted = order.is_some();
    let (records, mut shown) = match order {
        Some(order) => {
            let shown = index_scan(content, order.index, order.is_descending());
            (order.records(content).collect(), shown)
        }
        None => {
            let plan = Plan::choose_with(content, matcher, hinted(content, hint)?);
            (plan.records(content), scan(content, &plan))
        }
    };
    if matcher.text().is_some() {
        shown = stage("TEXT_MATCH", Some(shown));
    }
    let limit = explained.get("limit").and_then(whole_number).unwrap_or(0);
    let enough = match limit {
        0 => usize::MAX,
        limit => limit.unsigned_abs() as usize,
    };
    let stops = sorted || sort.is_empty();
    let (mut examined, mut returned) = (0, 0);
    for record in records {
        if stops && returned == enough {
            break;
        }
        let Some(bytes) = content.get(record) else {
            continue;
        };
        examined += 1;
        returned += usize::from(matcher.find(&crate::path::Raw(bytes))?.is_some());
    }
    if let Some(pattern) = pattern.filter(|_| !sort.is_empty() && !sorted) {
        shown = stage("SORT", Some(shown));
        shown.push("sortPattern", pattern.clone());
    }
    Ok((shown, examined, returned.min(enough)))
}

fn scan(content: &Collection, plan: &Plan) -> Document {
    match plan {
        Plan::Scan => {
            let mut scan = stage("COLLSCAN", None);
            scan.push("direction", "forward");
            scan
        }
        Plan::Ranges { index, .. } => index_scan(content, *index, false),
    }
}

fn index_scan(content: &Collection, index: usize, descending: bool) -> Document {
    let index = &content.indexes()[index];
    let mut scan = stage("IXSCAN", None);
    scan.push("keyPattern", index.spec.keys.clone());
    scan.push("indexName", index.spec.name.as_str());
    scan.push("isMultiKey", index.is_multikey());
    scan.push("isUnique", index.spec.unique);
    let direction = if descending { "backward" } else { "forward" };
    scan.push("direction", direction);
    stage("FETCH", Some(scan))
}

fn stage(name: &str, input: Option<Document>) -> Document {
    let mut stage = Document::new();
    stage.push("stage", name);
    if let Some(input) = input {
        stage.push("inputStage", input);
    }
    stage
}

fn planner(namespace: &Namespace, filter: Document, plan: Document) -> Document {
    let mut planner = Document::new();
    planner.push("namespace", namespace.to_string());
    planner.push("parsedQuery", filter);
    planner.push("winningPlan", plan);
    planner.push("rejectedPlans", Vec::new());
    planner
}

fn statistics(plan: Document, examined: usize, returned: usize) -> Document {
    let keys = if scans_index(&plan) { examined } else { 0 };
    let mut statistics = Document::new();
    statistics.push("executionSuccess", true);
    statistics.push("nReturned", returned as i32);
    statistics.push("totalKeysExamined", keys as i32);
    statistics.push("totalDocsExamined", examined as i32);
    statistics.push("executionStages", plan);
    statistics
}

fn scans_index(plan: &Document) -> bool {
    match (plan.get("stage"), plan.get("inputStage")) {
        (Some(Value::String(stage)), _) if stage == "IXSCAN" => true,
        (_, Some(Value::Document(input))) => scans_index(input),
        _ => false,
    }
}
