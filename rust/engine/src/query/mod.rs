//! Filters and sorts: which documents, in what order.

mod bits;
mod matching;
mod parse;
mod predicate;
mod projection;
mod regex;
mod sort;

pub use matching::{Match, Matcher};
pub use predicate::Comparison;
pub use projection::Projection;
pub use regex::Pattern;
pub use sort::Sort;

pub(crate) use matching::Node;
pub(crate) use parse::{is_operators, types as bson_types};
pub(crate) use predicate::{Predicate, is_truthy};
