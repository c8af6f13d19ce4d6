//! `configureFailPoint: failCommand`: failures on demand, for tests of clients.

use std::time::Duration;

use mongolane_bson::{Document, Value};
use parking_lot::Mutex;

use crate::number::whole_number;
use crate::query::is_truthy;
use crate::{Error, Result};

#[derive(Clone, Debug)]
enum Mode {
    Off,
    Always,
    Times(i64),
    Skip(i64),
    Probability(f64),
}

#[derive(Clone, Debug)]
struct FailPoint {
    mode: Mode,
    commands: Vec<String>,
    app_name: Option<String>,
    namespace: Option<String>,
    effect: Effect,
}

/// What befalls a command.
#[derive(Clone, Debug, Default)]
pub struct Effect {
    /// The command waits first.
    pub block: Option<Duration>,
    /// The connection is closed instead of an answer.
    pub close: bool,
    /// The command is refused with this code.
    pub code: Option<i32>,
    /// The labels of the error, in place of the server's own.
    pub labels: Option<Vec<Value>>,
    /// The command is done, and this stands beside its result.
    pub write_concern_error: Option<Document>,
}

/// The names of the fail points this server has.
const NAMES: [&str; 3] = [
    "failCommand",
    "failGetMoreAfterCursorCheckout",
    "onPrimaryTransactionalWrite",
];
const KEYS: [&str; 13] = [
    "failBeforeCommitExceptionCode",
    "failCommands",
    "errorCode",
    "errorLabels",
    "writeConcernError",
    "closeConnection",
    "blockConnection",
    "blockTimeMS",
    "appName",
    "namespace",
    "failInternalCommands",
    "failAllCommands",
    "errorExtraInfo",
];

/// The fail points that are set.
#[derive(Debug, Default)]
pub struct FailPoints(Mutex<Vec<(String, FailPoint)>>);

impl FailPoints {
    /// What [`FailPoints::strike`] is asked by for any retryable write.
    pub const RETRYABLE_WRITE: &str = "a retryable write";

    /// Sets a fail point, or clears it.
    pub fn configure(&self, name: &str, mode: &Value, data: &Document) -> Result<()> {
        if !NAMES.contains(&name) {
            return Err(Error::new(
                15852,
                format!("{name} is not a fail point of this server"),
            ));
        }
        let mut point = FailPoint::parse(parse_mode(mode)?, data)?;
        match name {
            "failCommand" => {}
            "onPrimaryTransactionalWrite" => point.become_write_failure(data),
            _ => point.commands = vec!["getMore".to_owned()],
        }
        let mut points = self.0.lock();
        points.retain(|(known, _)| known != name);
        if !matches!(point.mode, Mode::Off) {
            points.push((name.to_owned(), point));
        }
        Ok(())
    }

    /// What befalls this command now; counts it where the mode counts.
    #[must_use]
    pub fn strike(&self, command: &str, app_name: Option<&str>, namespace: &str) -> Option<Effect> {
        let mut points = self.0.lock();
        if points.is_empty() || command == "configureFailPoint" {
            return None;
        }
        let (_, point) = points
            .iter_mut()
            .find(|(_, p)| p.concerns(command, app_name, namespace))?;
        point.mode.fires().then(|| point.effect.clone())
    }
}

impl Mode {
    fn fires(&mut self) -> bool {
        match self {
            Self::Off => false,
            Self::Always => true,
            Self::Times(0) => false,
            Self::Times(left) => {
                *left -= 1;
                true
            }
            Self::Skip(0) => true,
            Self::Skip(left) => {
                *left -= 1;
                false
            }
            Self::Probability(p) => fastrand::f64() < *p,
        }
    }
}

impl FailPoint {
    fn parse(mode: Mode, data: &Document) -> Result<Self> {
        if let Some(unknown) = data.keys().find(|k| !KEYS.contains(k)) {
            return Err(Error::new(
                9,
                format!("failCommand doesn't know '{unknown}'"),
            ));
        }
        let text = |key: &str| match data.get(key) {
            Some(Value::String(text)) => Some(text.clone()),
            _ => None,
        };
        let commands = match data.get("failCommands") {
            Some(Value::Array(items)) => items.iter().filter_map(as_text).collect(),
            _ => Vec::new(),
        };
        let all = data.get("failAllCommands").is_some_and(is_truthy);
        Ok(Self {
            mode,
            commands: if all { vec!["*".to_owned()] } else { commands },
            app_name: text("appName"),
            namespace: text("namespace"),
            effect: Effect::parse(data)?,
        })
    }

    /// A connection that breaks behind a retryable write, or before it where a
    /// code is given.
    fn become_write_failure(&mut self, data: &Document) {
        self.commands = vec![FailPoints::RETRYABLE_WRITE.to_owned()];
        self.effect.close = data.get("closeConnection").is_none_or(is_truthy);
        let code = data.get("failBeforeCommitExceptionCode");
        self.effect.code = code.and_then(whole_number).map(|code| code as i32);
    }

    fn concerns(&self, command: &str, app_name: Option<&str>, namespace: &str) -> bool {
        self.commands.iter().any(|known| {
            known == command || (known == "*" && command != FailPoints::RETRYABLE_WRITE)
        }) && self
            .app_name
            .as_deref()
            .is_none_or(|wanted| Some(wanted) == app_name)
            && self
                .namespace
                .as_deref()
                .is_none_or(|wanted| wanted == namespace)
    }
}

impl Effect {
    fn parse(data: &Document) -> Result<Self> {
        let flag = |key: &str| data.get(key).is_some_and(is_truthy);
        let number = |key: &str| data.get(key).and_then(whole_number);
        let block = match (flag("blockConnection"), number("blockTimeMS")) {
            (true, Some(millis)) if millis >= 0 => Some(Duration::from_millis(millis as u64)),
            (true, _) => return Err(Error::new(72, "blockConnection needs a blockTimeMS")),
            (false, _) => None,
        };
        Ok(Self {
            block,
            close: flag("closeConnection"),
            code: number("errorCode").map(|code| code as i32),
            labels: match data.get("errorLabels") {
                Some(Value::Array(labels)) => Some(labels.clone()),
                _ => None,
            },
            write_concern_error: match data.get("writeConcernError") {
                Some(Value::Document(error)) => Some(error.clone()),
                _ => None,
            },
        })
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

fn parse_mode(mode: &Value) -> Result<Mode> {
    let unknown = || {
        Error::new(
            2,
            "the mode of a fail point is off, alwaysOn, {times}, {skip} or {activationProbability}",
        )
    };
    match mode {
        Value::String(text) if text == "off" => Ok(Mode::Off),
        Value::String(text) if text == "alwaysOn" => Ok(Mode::Always),
        Value::Document(inner) => match inner.iter().next() {
            Some((key, value)) => match (key.as_str(), whole_number(value), value) {
                ("times", Some(times), _) if times >= 0 => Ok(Mode::Times(times)),
                ("skip", Some(skip), _) if skip >= 0 => Ok(Mode::Skip(skip)),
                ("activationProbability", _, Value::Double(p)) => Ok(Mode::Probability(*p)),
                ("activationProbability", Some(p), _) => Ok(Mode::Probability(p as f64)),
                _ => Err(unknown()),
            },
            None => Err(unknown()),
        },
        _ => Err(unknown()),
    }
}
