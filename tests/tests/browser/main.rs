//! The built book, driven in a real browser.

mod accessible;
mod diagrams;
mod editions;
mod names;
mod pages;
mod print;
mod progress;
mod proof;
mod search;
mod without;
