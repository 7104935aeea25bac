//! Prints the content security policy of a built book, whose folder is the argument.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os()
        .nth(1)
        .ok_or("the folder of a built book is missing")?;
    println!("{}", guide_tests::policy::of(Path::new(&folder))?);
    Ok(())
}
