//! The built book, driven in a real browser.

mod diagrams;
mod editions;
mod names;
mod pages;
mod print;
mod progress;
mod search;
mod without;
