//! GeoJSON and the older `[x, y]`: what a document or a filter holds.

use mongolane_bson::{Document, Value};

use super::sphere::{self, Place};
use crate::number::Number;
use crate::{Error, Result};

/// A flat point: longitude and latitude, or any x and y.
pub(super) type Flat = (f64, f64);
type Ring = Vec<Place>;

/// Any geometry, as the places, lines and polygons it is made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    points: Vec<Place>,
    lines: Vec<Ring>,
    polygons: Vec<Vec<Ring>>,
}

fn bad(why: &str) -> Error {
    Error::new(2, format!("unknown or malformed geometry: {why}"))
}

/// The point of `[x, y]`, `{x: 1, y: 2}` or a GeoJSON Point.
pub(super) fn flat(value: &Value) -> Option<Flat> {
    let pair = |x: Option<&Value>, y: Option<&Value>| {
        let (x, y) = (Number::of(x?)?.to_f64(), Number::of(y?)?.to_f64());
        (x.is_finite() && y.is_finite()).then_some((x, y))
    };
    match value {
        Value::Array(items) => pair(items.first(), items.get(1)),
        Value::Document(inner) => match inner.get("type") {
            Some(Value::String(kind)) if kind == "Point" => flat(inner.get("coordinates")?),
            Some(Value::String(_)) => None,
            _ => {
                let mut values = inner.iter().map(|(_, value)| value);
                pair(values.next(), values.next())
            }
        },
        _ => None,
    }
}

fn place(value: &Value) -> Result<Place> {
    let (x, y) = match value {
        Value::Array(_) => flat(value),
        _ => None,
    }
    .ok_or_else(|| bad("a position is [longitude, latitude]"))?;
    if x.abs() > 180.0 || y.abs() > 90.0 {
        return Err(bad(&format!(
            "longitude/latitude is out of bounds, lng: {x} lat: {y}"
        )));
    }
    Ok(Place::new(x, y))
}

fn list(value: &Value) -> Result<&[Value]> {
    match value {
        Value::Array(items) if !items.is_empty() => Ok(items),
        _ => Err(bad("coordinates must be a non-empty array")),
    }
}

fn line(value: &Value) -> Result<Ring> {
    let places = list(value)?.iter().map(place).collect::<Result<Vec<_>>>()?;
    match places.len() {
        0 | 1 => Err(bad("a line has two positions at least")),
        _ => Ok(places),
    }
}

fn ring(value: &Value) -> Result<Ring> {
    let mut places = line(value)?;
    let closed = places.len() > 3 && places[0].is_at(places[places.len() - 1]);
    if !closed {
        return Err(bad(
            "a polygon's loop is not closed, or has too few positions",
        ));
    }
    places.pop();
    Ok(places)
}

fn polygon(value: &Value) -> Result<Vec<Ring>> {
    list(value)?.iter().map(ring).collect()
}

impl Shape {
    /// Reads GeoJSON.
    pub(crate) fn parse(document: &Document) -> Result<Self> {
        let mut shape = Self::default();
        shape.add(document)?;
        Ok(shape)
    }

    /// What a document holds in a field: GeoJSON or an older point.
    pub(crate) fn stored(value: &Value) -> Option<Self> {
        match value {
            Value::Document(inner) if inner.contains_key("type") => Self::parse(inner).ok(),
            _ => flat(value)
                .filter(|(x, y)| x.abs() <= 180.0 && y.abs() <= 90.0)
                .map(|(x, y)| Self {
                    points: vec![Place::new(x, y)],
                    ..Self::default()
                }),
        }
    }

    fn add(&mut self, document: &Document) -> Result<()> {
        let Some(Value::String(kind)) = document.get("type") else {
            return Err(bad("it has no type"));
        };
        if kind == "GeometryCollection" {
            let parts = document
                .get("geometries")
                .ok_or_else(|| bad("no geometries"))?;
            return list(parts)?.iter().try_for_each(|part| match part {
                Value::Document(part) => self.add(part),
                _ => Err(bad("a geometry is an object")),
            });
        }
        let at = document
            .get("coordinates")
            .ok_or_else(|| bad("no coordinates"))?;
        match kind.as_str() {
            "Point" => self.points.push(place(at)?),
            "LineString" => self.lines.push(line(at)?),
            "Polygon" => self.polygons.push(polygon(at)?),
            "MultiPoint" => {
                for one in list(at)? {
                    self.points.push(place(one)?);
                }
            }
            "MultiLineString" => {
                for one in list(at)? {
                    self.lines.push(line(one)?);
                }
            }
            "MultiPolygon" => {
                for one in list(at)? {
                    self.polygons.push(polygon(one)?);
                }
            }
            _ => return Err(bad(&format!("unknown GeoJSON type: {kind}"))),
        }
        Ok(())
    }

    /// Whether it has an inside.
    pub(super) fn is_area(&self) -> bool {
        !self.polygons.is_empty() && self.points.is_empty() && self.lines.is_empty()
    }

    fn edges(&self) -> impl Iterator<Item = (Place, Place)> + '_ {
        let open = self
            .lines
            .iter()
            .flat_map(|line| line.windows(2).map(|w| (w[0], w[1])));
        let rings = self.polygons.iter().flatten();
        open.chain(rings.flat_map(|ring| {
            ring.iter()
                .copied()
                .zip(ring.iter().copied().cycle().skip(1))
        }))
    }

    fn places(&self) -> impl Iterator<Item = Place> + '_ {
        let lines = self.lines.iter().flatten();
        let rings = self.polygons.iter().flatten().flatten();
        self.points.iter().chain(lines).chain(rings).copied()
    }

    fn holds(&self, place: Place) -> bool {
        self.polygons.iter().any(|rings| {
            let (outer, holes) = (&rings[0], &rings[1..]);
            sphere::is_inside(place, outer)
                && !holes.iter().any(|hole| sphere::is_inside(place, hole))
        })
    }

    /// Whether all of it lies in the polygons of `area`.
    pub(super) fn is_within(&self, area: &Self) -> bool {
        self.places().all(|place| area.holds(place)) && !self.crosses(area)
    }

    /// Whether the two have a place in common.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.places().any(|place| other.touches(place))
            || other.places().any(|place| self.touches(place))
            || self.crosses(other)
    }

    fn touches(&self, place: Place) -> bool {
        self.points.iter().any(|own| own.is_at(place))
            || self.edges().any(|(from, to)| place.is_on(from, to))
            || self.holds(place)
    }

    fn crosses(&self, other: &Self) -> bool {
        self.edges()
            .any(|(a, b)| other.edges().any(|(c, d)| sphere::cross(a, b, c, d)))
    }

    /// The angle from a place to the nearest of its own, in radians; none where
    /// the place lies within.
    pub(super) fn angle(&self, from: (f64, f64)) -> f64 {
        let from = Place::new(from.0, from.1);
        if self.holds(from) {
            return 0.0;
        }
        let points = self.points.iter().map(|place| from.angle(*place));
        let edges = self.edges().map(|(start, end)| from.angle_to(start, end));
        points.chain(edges).fold(f64::INFINITY, f64::min)
    }

    /// Whether no position is further away than `radius`, in radians.
    pub(super) fn is_near(&self, centre: (f64, f64), radius: f64) -> bool {
        let centre = Place::new(centre.0, centre.1);
        self.places().all(|place| centre.angle(place) <= radius)
    }
}
