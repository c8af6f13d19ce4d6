//! `$geoWithin`, `$geoIntersects`, `$near`: places on the Earth and on the plane.
//!
//! Every document is looked at; indexes of the kind 2dsphere and 2d are kept
//! as what allows `$near`, not to find by.

mod shape;
mod sphere;

use mongolane_bson::{Document, Value};

use crate::number::Number;
use crate::{Error, Result};
use shape::{Flat, flat};

pub(crate) use shape::Shape;
pub(crate) use sphere::EARTH;

/// A question about one value.
#[derive(Clone, Debug)]
pub(crate) enum Geo {
    Within(Shape),
    Intersects(Shape),
    Circle(Flat, f64),
    CircleOnSphere(Flat, f64),
    Box(Flat, Flat),
    Polygon(Vec<Flat>),
    Near(Near),
}

/// What `$near` and `$geoNear` measure from, and how far they look.
#[derive(Clone, Debug)]
pub(crate) struct Near {
    from: Flat,
    measure: Measure,
    min: f64,
    max: f64,
}

/// In what a distance is given.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Measure {
    Plane,
    Radians,
    Metres,
}

fn bad(message: impl Into<String>) -> Error {
    Error::new(2, message)
}

fn number(value: Option<&Value>) -> Option<f64> {
    value.and_then(Number::of).map(Number::to_f64)
}

impl Geo {
    /// Parses the operators that only filter.
    pub(crate) fn parse(operator: &str, value: &Value) -> Result<Self> {
        let Value::Document(given) = value else {
            return Err(bad(format!("{operator} needs an object")));
        };
        let Some((name, shape)) = given.iter().next() else {
            return Err(bad(format!("{operator} needs a shape")));
        };
        match (operator, name.as_str(), shape) {
            ("$geoIntersects", "$geometry", Value::Document(shape)) => {
                Ok(Self::Intersects(Shape::parse(shape)?))
            }
            ("$geoIntersects", ..) => Err(bad("$geoIntersects needs a $geometry")),
            (_, "$geometry", Value::Document(shape)) => {
                let shape = Shape::parse(shape)?;
                if !shape.is_area() {
                    return Err(bad("$geoWithin needs a Polygon or a MultiPolygon"));
                }
                Ok(Self::Within(shape))
            }
            (_, "$box", _) => two(shape, "$box").map(|(low, high)| Self::Box(low, high)),
            (_, "$center", _) => circle(shape).map(|(at, radius)| Self::Circle(at, radius)),
            (_, "$centerSphere", _) => {
                circle(shape).map(|(at, radius)| Self::CircleOnSphere(at, radius))
            }
            (_, "$polygon", Value::Array(items)) if items.len() > 2 => {
                let points = items.iter().map(flat).collect::<Option<_>>();
                Ok(Self::Polygon(
                    points.ok_or_else(|| bad("malformed $polygon"))?,
                ))
            }
            _ => Err(bad(format!("unknown geo specifier: {name}"))),
        }
    }

    /// Whether a value meets it.
    pub(crate) fn meets(&self, value: &Value) -> bool {
        let flat_in = |test: &dyn Fn(Flat) -> bool| flat(value).is_some_and(test);
        let shape_in =
            |test: &dyn Fn(&Shape) -> bool| Shape::stored(value).is_some_and(|s| test(&s));
        match self {
            Self::Within(area) => shape_in(&|shape| shape.is_within(area)),
            Self::Intersects(other) => shape_in(&|shape| shape.meets(other)),
            Self::CircleOnSphere(at, radius) => shape_in(&|shape| shape.is_near(*at, *radius)),
            Self::Circle(at, radius) => {
                flat_in(&|point| (point.0 - at.0).hypot(point.1 - at.1) <= *radius)
            }
            Self::Box(one, other) => flat_in(&|point| {
                between(point.0, one.0, other.0) && between(point.1, one.1, other.1)
            }),
            Self::Polygon(points) => flat_in(&|point| is_in_plane(point, points)),
            Self::Near(near) => near.distance(value).is_some(),
        }
    }
}

fn between(value: f64, one: f64, other: f64) -> bool {
    one.min(other) <= value && value <= one.max(other)
}

fn two(value: &Value, name: &str) -> Result<(Flat, Flat)> {
    let points = match value {
        Value::Array(items) if items.len() == 2 => flat(&items[0]).zip(flat(&items[1])),
        _ => None,
    };
    points.ok_or_else(|| bad(format!("malformed {name}")))
}

fn circle(value: &Value) -> Result<(Flat, f64)> {
    let parts = match value {
        Value::Array(items) if items.len() == 2 => flat(&items[0]).zip(number(items.get(1))),
        _ => None,
    };
    parts
        .filter(|(_, radius)| *radius >= 0.0)
        .ok_or_else(|| bad("a circle is [[x, y], radius], the radius not negative"))
}

/// Whether a line from the point to the right crosses the edges an odd number
/// of times.
fn is_in_plane(point: Flat, ring: &[Flat]) -> bool {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    edges.fold(false, |inside, (from, to)| {
        let spans = (from.1 > point.1) != (to.1 > point.1);
        let crossing = || (to.0 - from.0) * (point.1 - from.1) / (to.1 - from.1) + from.0;
        inside != (spans && point.0 < crossing())
    })
}

impl Near {
    /// Parses `$near` or `$nearSphere` with the operators beside it.
    pub(crate) fn parse(operator: &str, value: &Value, beside: &Document) -> Result<Self> {
        let on_sphere = operator == "$nearSphere";
        match value {
            Value::Document(inner) if inner.contains_key("$geometry") => {
                Self::new(inner.get("$geometry"), on_sphere, inner, "$")
            }
            _ => Self::new(Some(value), on_sphere, beside, "$"),
        }
    }

    /// Parses the point and the distances beside it; `sign` is before their names.
    pub(crate) fn new(
        point: Option<&Value>,
        on_sphere: bool,
        beside: &Document,
        sign: &str,
    ) -> Result<Self> {
        let from = point.and_then(flat);
        let from = from.ok_or_else(|| bad("geo near accepts a GeoJSON Point or [x, y]"))?;
        let is_geojson = matches!(point, Some(Value::Document(p)) if p.contains_key("type"));
        let distance = |name: &str, missing: f64| match beside.get(&format!("{sign}{name}")) {
            None => Ok(missing),
            given => number(given)
                .filter(|d| *d >= 0.0)
                .ok_or_else(|| bad(format!("{name} must be a number that is not negative"))),
        };
        Ok(Self {
            from,
            measure: match (is_geojson, on_sphere) {
                (true, _) => Measure::Metres,
                (false, true) => Measure::Radians,
                (false, false) => Measure::Plane,
            },
            min: distance("minDistance", 0.0)?,
            max: distance("maxDistance", f64::INFINITY)?,
        })
    }

    /// How far a value is, if that is within the bounds.
    pub(crate) fn distance(&self, value: &Value) -> Option<f64> {
        let distance = match self.measure {
            Measure::Plane => flat(value).map(|p| (p.0 - self.from.0).hypot(p.1 - self.from.1))?,
            Measure::Radians => Shape::stored(value)?.angle(self.from),
            Measure::Metres => Shape::stored(value)?.angle(self.from) * EARTH,
        };
        (self.min <= distance && distance <= self.max).then_some(distance)
    }
}
