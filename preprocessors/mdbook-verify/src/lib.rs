//! `mdbook-verify` proves every code block of a guide on the real upstream source.
//!
//! ```text
//! markdown -> blocks -> plan -> workspace -> checks -> report / page
//! ```
//!
//! Bird's eye: [`source`] reads chapters and their includes and remembers where each byte came
//! from. [`markdown`] parses them, [`blocks`] finds the code blocks, [`attrs`] and [`role`] what
//! their info strings say.
//! [`plan`] turns them into operations, one list per edition of upstream. [`base`] gets upstream's
//! pinned trees, [`workspace`] folds the operations over them and writes the result. [`check`] runs
//! the real tools on it; [`segments`] turns their positions back into places of the guide.
//! [`recording`] keeps evidence for where upstream cannot be had, and [`record`] writes it;
//! [`perform`] does what the guide says and keeps what was printed.
//! [`proof`] says from that what is proven, [`report`] prints what was found, [`render`] puts it on the page, [`adapter`] speaks with mdBook.
//! [`verify`] is the pipeline itself.
//!
//! Arrows go one way: `plan` does not know `check`, `check` does not know `report`, only `adapter`
//! names mdBook's types, only [`tool`] starts programs, only [`workspace`] writes trees, and
//! nothing here knows what the guide is about.

pub mod adapter;
pub mod asked;
pub mod attrs;
pub mod base;
pub mod blocks;
pub mod book;
pub mod check;
pub mod config;
pub mod evidence;
pub mod finding;
pub mod golang;
pub mod gomod;
pub mod gowork;
pub mod gulps;
pub mod help;
#[cfg(any(test, fuzzing))]
pub mod invariants;
pub mod links;
pub mod listing;
pub mod markdown;
pub mod matter;
pub mod names;
pub mod patch;
pub mod perform;
pub mod placeholder;
pub mod plan;
pub mod progress;
pub mod proof;
pub mod prose;
pub mod proto;
pub mod record;
pub mod recording;
pub mod render;
pub mod report;
pub mod role;
pub mod rust;
pub mod segments;
pub mod shell;
pub mod source;
pub mod steps;
pub mod tool;
pub mod verdict;
pub mod verify;
pub mod workspace;
