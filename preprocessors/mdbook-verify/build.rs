//! Links the program at a fixed address on Linux with GNU's library, as Go links its own programs: each
//! build of a book starts it, and would wait until every address in it is set. What is given up is that its
//! code lies elsewhere each time.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |what: &str| std::env::var(format!("CARGO_CFG_TARGET_{what}"));
    if target("OS").as_deref() == Ok("linux") && target("ENV").as_deref() == Ok("gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
