//! What is computed over windows.

use mongolane_bson::{Document, Value};

use super::Partition;
use super::bounds::Window;
use crate::compare::compare;
use crate::expression::{Expression, Names, Scope, is_nullish};
use crate::number::Number;
use crate::pipeline::accumulators::{self, Field};
use crate::{Error, Result};

/// One output of the stage.
#[derive(Debug)]
pub(super) enum Output {
    Accumulated(Field, Window),
    Ranked(Rank),
    Shifted {
        output: Expression,
        by: i64,
        default: Value,
    },
    /// `$expMovingAvg`, with the weight of the newest value.
    Moving(Expression, f64),
    /// `$derivative` and `$integral`, with the milliseconds of their unit.
    Sloped(Expression, Option<f64>, Window),
    Summed(Expression, Option<f64>, Window),
    /// `$covariancePop` and `$covarianceSamp`.
    Covariant(Expression, bool, Window),
    /// `$linearFill` and `$locf`.
    Interpolated(Expression),
    Carried(Expression),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rank {
    Competition,
    Dense,
    Row,
}

fn refused<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::new(9, message))
}

pub(super) fn parse(spec: &Value, order: Option<&Document>, names: &Names<'_>) -> Result<Output> {
    let Value::Document(spec) = spec else {
        return refused("The field of a window function must be an object");
    };
    let mut operators = spec.iter().filter(|(key, _)| key.starts_with('$'));
    let (Some((operator, argument)), None) = (operators.next(), operators.next()) else {
        return refused("Expected a $-prefixed window function, and only one");
    };
    if let Some(key) = spec
        .keys()
        .find(|key| *key != "window" && !key.starts_with('$'))
    {
        return refused(format!("Window function found an unknown argument: {key}"));
    }
    let given = spec.get("window");
    let window = match given {
        Some(given) => Window::parse(given, order)?,
        None => Window::WHOLE,
    };
    let expression = |value: &Value| Expression::parse_in(value, names);
    match operator.as_str() {
        "$rank" => rank(Rank::Competition, operator, argument, order, given),
        "$denseRank" => rank(Rank::Dense, operator, argument, order, given),
        "$documentNumber" => rank(Rank::Row, operator, argument, order, given),
        "$shift" => shift(argument, order, given, names),
        "$expMovingAvg" => moving(argument, order, given, names),
        "$derivative" => slope(operator, argument, order, given, names)
            .map(|(input, unit)| Output::Sloped(input, unit, window)),
        "$integral" => slope(operator, argument, order, given, names)
            .map(|(input, unit)| Output::Summed(input, unit, window)),
        "$covariancePop" | "$covarianceSamp" => match argument {
            Value::Array(pair) if pair.len() == 2 => Ok(Output::Covariant(
                expression(argument)?,
                operator == "$covarianceSamp",
                window,
            )),
            _ => refused(format!("{operator} takes an array of two expressions")),
        },
        "$linearFill" | "$locf" if given.is_some() => {
            refused(format!("'window' field is not allowed in {operator}"))
        }
        "$linearFill" => {
            if order.is_none_or(|order| order.len() != 1) {
                return Err(Error::new(
                    605_001,
                    "$linearFill must be specified with a top level sortBy expression with exactly one element",
                ));
            }
            expression(argument).map(Output::Interpolated)
        }
        "$locf" => expression(argument).map(Output::Carried),
        _ => accumulated(operator, argument, names).map(|field| Output::Accumulated(field, window)),
    }
}

fn accumulated(operator: &str, argument: &Value, names: &Names<'_>) -> Result<Field> {
    let spec = Document::from_iter([(operator.to_owned(), argument.clone())]);
    accumulators::parse("output", &Value::Document(spec), names).map_err(|error| match error.code {
        15952 => Error::new(9, format!("Unrecognized window function, {operator}")),
        _ => error,
    })
}

fn rank(
    kind: Rank,
    operator: &str,
    argument: &Value,
    order: Option<&Document>,
    window: Option<&Value>,
) -> Result<Output> {
    if window.is_some() || !matches!(argument, Value::Document(given) if given.is_empty()) {
        let message = format!("Rank style window functions take no other arguments: {operator}");
        return Err(Error::new(5_371_601, message));
    }
    let fits = order.is_some_and(|order| kind == Rank::Row || order.len() == 1);
    if !fits {
        let message = format!(
            "{operator} must be specified with a top level sortBy expression with exactly one element"
        );
        return Err(Error::new(5_371_602, message));
    }
    Ok(Output::Ranked(kind))
}

fn needs_order(operator: &str, order: Option<&Document>) -> Result<()> {
    match order {
        Some(_) => Ok(()),
        None => refused(format!("'{operator}' requires a sortBy")),
    }
}

fn arguments<'a>(operator: &str, argument: &'a Value, known: &[&str]) -> Result<&'a Document> {
    let Value::Document(given) = argument else {
        return refused(format!("Argument to {operator} must be an object"));
    };
    match given.keys().find(|key| !known.contains(key)) {
        Some(key) => refused(format!("Unknown argument in {operator}: {key}")),
        None => Ok(given),
    }
}

fn shift(
    argument: &Value,
    order: Option<&Document>,
    window: Option<&Value>,
    names: &Names<'_>,
) -> Result<Output> {
    needs_order("$shift", order)?;
    if window.is_some() {
        return refused("$shift does not accept a 'window' field");
    }
    let given = arguments("$shift", argument, &["output", "by", "default"])?;
    let Some(output) = given.get("output") else {
        return refused("$shift requires an 'output' expression.");
    };
    let by = given
        .get("by")
        .and_then(Number::of)
        .and_then(Number::to_i64_exact);
    let Some(by) = by else {
        return refused("'$shift:by' field must be an integer");
    };
    let default = match given.get("default") {
        None => Value::Null,
        Some(default) => {
            let parsed = Expression::parse_in(default, &Names::system())?;
            let nothing = Document::new();
            let variables = crate::expression::Variables::at(0);
            parsed
                .evaluate(&nothing, &variables)?
                .unwrap_or(Value::Null)
        }
    };
    Ok(Output::Shifted {
        output: Expression::parse_in(output, names)?,
        by,
        default,
    })
}

fn moving(
    argument: &Value,
    order: Option<&Document>,
    window: Option<&Value>,
    names: &Names<'_>,
) -> Result<Output> {
    needs_order("$expMovingAvg", order)?;
    if window.is_some() {
        return refused("$expMovingAvg does not accept a 'window' field");
    }
    let given = arguments("$expMovingAvg", argument, &["input", "N", "alpha"])?;
    let Some(input) = given.get("input") else {
        return refused("$expMovingAvg requires an 'input'");
    };
    let number = |value: &Value| Number::of(value).map(Number::to_f64);
    let alpha = match (given.get("N"), given.get("alpha")) {
        (Some(n), None) => match Number::of(n).and_then(Number::to_i64_exact) {
            Some(n) if n > 0 => 2.0 / (n as f64 + 1.0),
            _ => return refused("'N' field must be an integer greater than 0"),
        },
        (None, Some(alpha)) => match number(alpha) {
            Some(alpha) if alpha > 0.0 && alpha < 1.0 => alpha,
            _ => return refused("'alpha' must be between 0 and 1 (exclusive)"),
        },
        _ => return refused("$expMovingAvg takes exactly one of 'N' and 'alpha'"),
    };
    Ok(Output::Moving(Expression::parse_in(input, names)?, alpha))
}

/// Milliseconds by the units that always have the same number of them.
const UNITS: [(&str, f64); 6] = [
    ("week", 604_800_000.0),
    ("day", 86_400_000.0),
    ("hour", 3_600_000.0),
    ("minute", 60_000.0),
    ("second", 1000.0),
    ("millisecond", 1.0),
];

fn slope(
    operator: &str,
    argument: &Value,
    order: Option<&Document>,
    window: Option<&Value>,
    names: &Names<'_>,
) -> Result<(Expression, Option<f64>)> {
    needs_order(operator, order)?;
    if order.is_some_and(|order| order.len() != 1) {
        return refused(format!("{operator} requires a sortBy of one field"));
    }
    if operator == "$derivative" && window.is_none() {
        return refused("$derivative requires explicit window bounds");
    }
    let given = arguments(operator, argument, &["input", "unit"])?;
    let Some(input) = given.get("input") else {
        return refused(format!("{operator} requires an 'input' expression"));
    };
    let unit = match given.get("unit") {
        None => None,
        Some(unit) => {
            let found = UNITS.iter().find(|(name, _)| Value::from(*name) == *unit);
            match found {
                Some((_, millis)) => Some(*millis),
                None => {
                    return Err(Error::new(5_490_704, "unit must be 'week' or smaller"));
                }
            }
        }
    };
    Ok((Expression::parse_in(input, names)?, unit))
}

impl Output {
    /// The values for the documents of a partition.
    pub(super) fn values(&self, partition: &Partition<'_>) -> Result<Vec<Value>> {
        match self {
            Self::Accumulated(field, window) => accumulate(field, window, partition),
            Self::Ranked(kind) => Ok(ranks(*kind, partition)),
            Self::Shifted {
                output,
                by,
                default,
            } => {
                let values = partition.evaluate(output)?;
                let at = |place: usize| usize::try_from((place as i64).saturating_add(*by)).ok();
                let shifted =
                    (0..values.len()).map(|place| match at(place).map(|at| values.get(at)) {
                        Some(Some(value)) => value.clone(),
                        _ => default.clone(),
                    });
                Ok(shifted.collect())
            }
            Self::Moving(input, alpha) => Ok(moving_averages(&partition.evaluate(input)?, *alpha)),
            Self::Sloped(input, unit, window) => {
                let points = partition.points(input, *unit)?;
                partition.windows(window, |range| derivative(&points[range]))
            }
            Self::Summed(input, unit, window) => {
                let points = partition.points(input, *unit)?;
                partition.windows(window, |range| integral(&points[range]))
            }
            Self::Covariant(pair, sample, window) => {
                let pairs = partition.evaluate(pair)?;
                partition.windows(window, |range| covariance(&pairs[range], *sample))
            }
            Self::Interpolated(input) => {
                let known = partition.evaluate(input)?;
                interpolate(&known, partition.places)
            }
            Self::Carried(input) => {
                let mut last = Value::Null;
                let known = partition.evaluate(input)?.into_iter();
                Ok(known
                    .map(|value| {
                        if !is_nullish(Some(&value)) {
                            last = value;
                        }
                        last.clone()
                    })
                    .collect())
            }
        }
    }
}

/// A value to compute with, and where it stands in the order.
type Point = (f64, Option<f64>);

impl Partition<'_> {
    fn evaluate(&self, expression: &Expression) -> Result<Vec<Value>> {
        let evaluate =
            |document| expression.evaluate_or_null(&Scope::new(document, self.context.variables));
        self.documents.iter().map(evaluate).collect()
    }

    fn windows(
        &self,
        window: &Window,
        compute: impl Fn(std::ops::Range<usize>) -> Value,
    ) -> Result<Vec<Value>> {
        (0..self.documents.len())
            .map(|at| window.around(at, self).map(&compute))
            .collect()
    }

    fn points(&self, input: &Expression, unit: Option<f64>) -> Result<Vec<Point>> {
        let values = self.evaluate(input)?;
        let pairs = self.places.iter().zip(values);
        let point = |(place, value): (&Vec<Value>, Value)| {
            let x = match (&place[0], unit) {
                (Value::DateTime(millis), Some(unit)) => *millis as f64 / unit,
                (Value::DateTime(_), None) => {
                    return Err(Error::new(5_624_901, "a sortBy of dates requires a 'unit'"));
                }
                (place, None) => match Number::of(place) {
                    Some(number) => number.to_f64(),
                    None => {
                        return Err(Error::new(
                            5_624_902,
                            "the sortBy must be numeric, or dates with a 'unit'",
                        ));
                    }
                },
                (_, Some(_)) => {
                    return Err(Error::new(5_624_900, "'unit' needs a sortBy of dates"));
                }
            };
            Ok((x, Number::of(&value).map(Number::to_f64)))
        };
        pairs.map(point).collect()
    }
}

fn accumulate(field: &Field, window: &Window, partition: &Partition<'_>) -> Result<Vec<Value>> {
    let inputs: Vec<_> = partition
        .documents
        .iter()
        .map(|document| {
            let scope = Scope::new(document, partition.context.variables);
            field.input.evaluate_in(&scope)
        })
        .collect::<Result<_>>()?;
    let Some(first) = partition.documents.first() else {
        return Ok(Vec::new());
    };
    let scope = Scope::new(first, partition.context.variables);
    let begin = || field.begin(partition.id, &scope);
    let mut values: Vec<Value> = Vec::with_capacity(inputs.len());
    let (mut growing, mut taken) = (begin()?, 0);
    for at in 0..inputs.len() {
        let range = window.around(at, partition)?;
        if window.grows() {
            // Each window holds the one before it; equal ones have one result.
            if range.end == taken && at > 0 {
                let same = values[at - 1].clone();
                values.push(same);
                continue;
            }
            for input in &inputs[taken.min(range.end)..range.end] {
                growing.add(input.clone())?;
            }
            taken = range.end;
            values.push(growing.result());
            continue;
        }
        let mut state = begin()?;
        for input in &inputs[range] {
            state.add(input.clone())?;
        }
        values.push(state.finish());
    }
    Ok(values)
}

fn ranks(kind: Rank, partition: &Partition<'_>) -> Vec<Value> {
    let places = partition.places;
    let (mut rank, mut dense) = (0, 0);
    (0..places.len())
        .map(|at| {
            let is_new = at == 0 || compare(&places[at][0], &places[at - 1][0]).is_ne();
            if is_new {
                rank = at as i64 + 1;
                dense += 1;
            }
            let number = match kind {
                Rank::Competition => rank,
                Rank::Dense => dense,
                Rank::Row => at as i64 + 1,
            };
            Number::narrow(number).into()
        })
        .collect()
}

fn moving_averages(values: &[Value], alpha: f64) -> Vec<Value> {
    let mut average: Option<f64> = None;
    values
        .iter()
        .map(|value| {
            if let Some(number) = Number::of(value).map(Number::to_f64) {
                average = Some(match average {
                    Some(before) => number * alpha + before * (1.0 - alpha),
                    None => number,
                });
            }
            average.map_or(Value::Null, Value::Double)
        })
        .collect()
}

fn derivative(points: &[Point]) -> Value {
    match (points.first(), points.last()) {
        (Some((x, Some(y))), Some((last_x, Some(last_y)))) if last_x != x => {
            Value::Double((last_y - y) / (last_x - x))
        }
        _ => Value::Null,
    }
}

fn integral(points: &[Point]) -> Value {
    if points.is_empty() || points.iter().any(|(_, y)| y.is_none()) {
        return Value::Null;
    }
    let area = |pair: &[Point]| {
        let height = pair[0].1.unwrap_or(0.0) + pair[1].1.unwrap_or(0.0);
        (pair[1].0 - pair[0].0) * height / 2.0
    };
    Value::Double(points.windows(2).map(area).sum())
}

fn covariance(pairs: &[Value], sample: bool) -> Value {
    let numbers = |pair: &Value| match pair {
        Value::Array(pair) => {
            let number = |at: usize| pair.get(at).and_then(Number::of).map(Number::to_f64);
            number(0).zip(number(1))
        }
        _ => None,
    };
    let pairs: Vec<_> = pairs.iter().filter_map(numbers).collect();
    let count = pairs.len() as f64;
    let divisor = if sample { count - 1.0 } else { count };
    if divisor <= 0.0 {
        return Value::Null;
    }
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let sum: f64 = pairs.iter().map(|pair| (pair.0 - x) * (pair.1 - y)).sum();
    Value::Double(sum / divisor)
}

/// Values on the line between the known ones before and behind.
fn interpolate(known: &[Value], places: &[Vec<Value>]) -> Result<Vec<Value>> {
    let place = |at: usize| match &places[at][0] {
        Value::DateTime(millis) => Ok(*millis as f64),
        value => Number::of(value)
            .map(Number::to_f64)
            .ok_or_else(|| Error::new(605_002, "$linearFill needs a sortBy of numbers or dates")),
    };
    let mut out = known.to_vec();
    let mut before: Option<(usize, f64)> = None;
    for (at, value) in known.iter().enumerate() {
        if at > 0 && compare(&places[at][0], &places[at - 1][0]).is_eq() {
            return Err(Error::new(
                6_050_106,
                "There can be no repeated values in the sort field for $linearFill",
            ));
        }
        if is_nullish(Some(value)) {
            continue;
        }
        let Some(number) = Number::of(value).map(Number::to_f64) else {
            return Err(Error::new(
                14,
                "Value to be filled must be numeric or nullish",
            ));
        };
        if let Some((start, low)) = before {
            let (x, last) = (place(start)?, place(at)?);
            for (gap, slot) in out.iter_mut().enumerate().take(at).skip(start + 1) {
                let share = (place(gap)? - x) / (last - x);
                *slot = Value::Double(low + (number - low) * share);
            }
        }
        before = Some((at, number));
    }
    for slot in &mut out {
        if is_nullish(Some(slot)) {
            *slot = Value::Null;
        }
    }
    Ok(out)
}
