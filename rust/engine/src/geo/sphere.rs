//! Points on the sphere as unit vectors, and what they and the edges between
//! them have to do with each other.

/// The Earth's radius in metres, as MongoDB takes it.
pub(crate) const EARTH: f64 = 6_378_100.0;
/// Two points nearer than this, in radians, are one: less than a centimetre.
const SAME: f64 = 1e-9;

/// A place on the sphere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place([f64; 3]);

impl Place {
    pub(super) fn new(longitude: f64, latitude: f64) -> Self {
        let (east, north) = (longitude.to_radians(), latitude.to_radians());
        Self([
            north.cos() * east.cos(),
            north.cos() * east.sin(),
            north.sin(),
        ])
    }

    fn dot(self, other: Self) -> f64 {
        self.0.iter().zip(other.0).map(|(l, r)| l * r).sum()
    }

    fn cross(self, other: Self) -> Self {
        let ([a, b, c], [x, y, z]) = (self.0, other.0);
        Self([b * z - c * y, c * x - a * z, a * y - b * x])
    }

    fn length(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// The angle between two places, in radians.
    pub(super) fn angle(self, other: Self) -> f64 {
        self.cross(other).length().atan2(self.dot(other))
    }

    pub(super) fn is_at(self, other: Self) -> bool {
        self.angle(other) < SAME
    }

    /// Whether it lies on the edge between two places.
    pub(super) fn is_on(self, from: Self, to: Self) -> bool {
        (self.angle(from) + self.angle(to) - from.angle(to)).abs() < SAME * 1e-3
            || self.is_at(from)
            || self.is_at(to)
    }

    /// The angle to the nearest place of an edge, in radians.
    pub(super) fn angle_to(self, from: Self, to: Self) -> f64 {
        let normal = from.cross(to);
        let beside = normal.cross(from).dot(self) > 0.0 && to.cross(normal).dot(self) > 0.0;
        if beside {
            (normal.dot(self).abs() / normal.length()).min(1.0).asin()
        } else {
            self.angle(from).min(self.angle(to))
        }
    }

    /// The direction of `other` as seen from here, in radians.
    fn azimuth(self, other: Self) -> f64 {
        let pole = Self([0.0, 0.0, 1.0]);
        let east = match pole.cross(self) {
            east if east.length() > 1e-15 => east,
            _ => Self([0.0, 1.0, 0.0]),
        };
        let north = self.cross(east);
        other.dot(east).atan2(other.dot(north))
    }
}

/// Whether two edges cross within both of them.
pub(super) fn cross(a: Place, b: Place, c: Place, d: Place) -> bool {
    let (ab, cd) = (a.cross(b), c.cross(d));
    let (acb, bda, cbd, dac) = (-ab.dot(c), ab.dot(d), -cd.dot(b), cd.dot(a));
    acb * bda > 0.0 && acb * cbd > 0.0 && acb * dac > 0.0
}

/// Whether a place lies within a ring, which holds less than half of the
/// sphere. What lies on the ring lies within.
pub(super) fn is_inside(place: Place, ring: &[Place]) -> bool {
    let edges = || ring.iter().zip(ring.iter().cycle().skip(1));
    if edges().any(|(from, to)| place.is_on(*from, *to)) {
        return true;
    }
    let middle = ring.iter().fold([0.0; 3], |sum, vertex| {
        [
            sum[0] + vertex.0[0],
            sum[1] + vertex.0[1],
            sum[2] + vertex.0[2],
        ]
    });
    if place.dot(Place(middle)) <= 0.0 {
        return false;
    }
    let turned: f64 = edges()
        .map(|(from, to)| turn(place.azimuth(*to) - place.azimuth(*from)))
        .sum();
    turned.abs() > std::f64::consts::PI
}

/// The shorter way round.
fn turn(angle: f64) -> f64 {
    use std::f64::consts::{PI, TAU};
    match angle {
        _ if angle > PI => angle - TAU,
        _ if angle < -PI => angle + TAU,
        _ => angle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_sphere() {
        let (paris, berlin) = (Place::new(2.3522, 48.8566), Place::new(13.405, 52.52));
        let metres = paris.angle(berlin) * EARTH;

        assert!((metres - 878_400.0).abs() < 2_000.0, "{metres}");
    }

    #[test]
    fn the_nearest_place_of_an_edge_may_lie_between() {
        let (west, east) = (Place::new(-10.0, 0.0), Place::new(10.0, 0.0));
        let degrees = |x, y| Place::new(x, y).angle_to(west, east).to_degrees();

        assert!((degrees(3.0, 2.0) - 2.0).abs() < 1e-9);
        assert!((degrees(13.0, 0.0) - 3.0).abs() < 1e-9);
        assert!(degrees(180.0, 0.0) > 169.0);
    }

    #[test]
    fn edges_bend_northwards() {
        let ring: Vec<_> = [(0.0, 50.0), (60.0, 50.0), (60.0, 40.0), (0.0, 40.0)]
            .map(|(x, y)| Place::new(x, y))
            .to_vec();

        assert!(is_inside(Place::new(30.0, 51.0), &ring));
        assert!(!is_inside(Place::new(30.0, 41.0), &ring));
        assert!(!is_inside(Place::new(-150.0, -45.0), &ring));
        assert!(is_inside(Place::new(0.0, 50.0), &ring));
    }
}
