//! The Rust toolchain: where it is, and the environment that its calls get.

mod package;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::asked::Memory;
use crate::blocks::Block;
use crate::book::Book;
use crate::evidence;
use crate::matter::Matter;
use crate::tool::{self, Call};

pub use package::Package;

/// What the checks of Rust need to know of the book and of this machine.
#[derive(Debug)]
pub struct Setting {
    /// The toolchain, or why there is none.
    pub toolchain: Result<Toolchain, String>,
    /// The edition of blocks that name none; none is rustdoc's own default, as for mdBook.
    pub edition: Option<String>,
    /// The packages whose files blocks include.
    pub packages: Vec<Package>,
}

impl Setting {
    /// Looks for what the book's blocks need. A book without Rust asks for nothing, so that it does
    /// not wait for it either.
    #[must_use]
    pub fn new(book: &Book, blocks: &[Block], tools: Option<&Path>, memory: &Memory) -> Self {
        let asked = blocks.iter().any(is_for_cargo);
        let shown = |package: &Package| {
            let mut files = blocks.iter().filter_map(|block| block.crate_file.as_ref());
            files.any(|shown| package.holds(&shown.file))
        };
        Self {
            toolchain: if asked {
                Toolchain::find(tools, &book.root, memory)
            } else {
                Err("nothing was asked of Rust".into())
            },
            edition: book.rust_edition.clone(),
            packages: packages(book).filter(shown).collect(),
        }
    }

    /// Which toolchain there is, for cache keys.
    #[must_use]
    pub fn identity(&self) -> String {
        match &self.toolchain {
            Ok(toolchain) => toolchain.identity(),
            Err(why) => why.clone(),
        }
    }
}

/// The packages that book.toml names.
pub fn packages(book: &Book) -> impl Iterator<Item = Package> {
    let folders = book.config.rust.packages.iter();
    folders.map(|folder| Package::new(&book.root, folder))
}

/// Whether a block is Rust, or says how Rust is built.
fn is_for_cargo(block: &Block) -> bool {
    evidence::matter(block) == Matter::Rust
        || block
            .role
            .target()
            .is_some_and(|path| path.value.rsplit('/').next() == Some("Cargo.toml"))
}

/// A Rust toolchain that can be used.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// Its version, such as `1.95.0`.
    pub version: String,
    rustc: PathBuf,
    cargo: PathBuf,
    /// Where cargo keeps what it fetched, if the user's environment says so.
    cargo_home: Option<PathBuf>,
}

impl Toolchain {
    /// Finds the toolchain that would compile in the folder `cwd`.
    ///
    /// The `rustc` on `PATH` may be rustup's, which has to read the user's settings to know which
    /// toolchain is meant. It is asked this once; all later calls go to that toolchain's own
    /// programs, which need nothing of the user's but the folder with what cargo fetched.
    ///
    /// # Errors
    /// A sentence that says what is missing and how to get it.
    pub fn find(tools: Option<&Path>, cwd: &Path, memory: &Memory) -> Result<Self, String> {
        let found = tool::find("rustc", tools)
            .ok_or("Rust is not installed (no `rustc` on PATH); install it with rustup")?;
        let user = [
            "HOME",
            "USERPROFILE",
            "RUSTUP_HOME",
            "CARGO_HOME",
            "RUSTUP_TOOLCHAIN",
        ];
        let user = user
            .into_iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        let ask = |memory: &Memory, program: &Path, args: &[&str]| {
            let call = Call::new(program, cwd).args(args).envs(user.clone());
            memory.ask(call, &choices(cwd), |said| Ok(said.to_owned()))
        };
        let sysroot = |memory: &Memory| {
            let sysroot = ask(memory, &found, &["--print", "sysroot"])?;
            Ok::<_, String>(PathBuf::from(sysroot))
        };
        let known = match own_sysroot(&found) {
            None if is_rustup(&found) => Some(sysroot(memory)?).filter(|root| is_of_rustup(root)),
            known => known,
        };
        let sysroot = match known {
            Some(sysroot) => sysroot,
            None => sysroot(&Memory::none())?,
        };
        let own = |name: &str| {
            let program = program_in(&sysroot, name);
            program.is_file().then_some(program)
        };
        let rustc = own("rustc").unwrap_or(found);
        let version = ask(memory, &rustc, &["--version"])?;
        let version = version.split(' ').nth(1).unwrap_or(&version).to_owned();
        let cargo = own("cargo")
            .or_else(|| tool::find("cargo", tools))
            .ok_or("cargo is not installed; install Rust with rustup")?;
        let home = || Some(std::env::home_dir()?.join(".cargo"));
        Ok(Self {
            version,
            rustc,
            cargo,
            cargo_home: std::env::var_os("CARGO_HOME")
                .map(PathBuf::from)
                .or_else(home),
        })
    }

    /// What can change the outcome of its calls, for cache keys.
    #[must_use]
    pub fn identity(&self) -> String {
        format!(
            "{} {}",
            tool::identity(&self.rustc),
            tool::identity(&self.cargo)
        )
    }

    /// A call of `rustc` in the folder `cwd`.
    #[must_use]
    pub fn rustc<'a>(&self, cwd: &'a Path) -> Call<'a> {
        Call::new(&self.rustc, cwd).limit(Duration::from_secs(5 * 60))
    }

    /// A call of `cargo` in the folder `cwd`.
    #[must_use]
    pub fn cargo<'a>(&self, cwd: &'a Path) -> Call<'a> {
        let home = self.cargo_home.iter().map(|home| ("CARGO_HOME", home));
        Call::new(&self.cargo, cwd)
            .envs(home)
            .envs([("RUSTC", &self.rustc)])
            .envs([
                ("CARGO_TERM_COLOR", "never"),
                ("CARGO_TERM_PROGRESS_WHEN", "never"),
            ])
            .envs([("PATH", self.path())])
            .limit(Duration::from_secs(30 * 60))
    }

    /// Build scripts may call `rustc` by its name and shall find this one.
    fn path(&self) -> OsString {
        let user = std::env::var_os("PATH").unwrap_or_default();
        let own = self.rustc.parent().map(Path::to_path_buf);
        std::env::join_paths(own.into_iter().chain(std::env::split_paths(&user))).unwrap_or(user)
    }
}

/// The toolchain that a `rustc` stands in, if it is the compiler itself and nothing that chooses one.
fn own_sysroot(rustc: &Path) -> Option<PathBuf> {
    let sysroot = rustc.canonicalize().ok()?.parent()?.parent()?.to_path_buf();
    sysroot.join("lib/rustlib").is_dir().then_some(sysroot)
}

/// Whether it is rustup that stands behind the name of a program: what else chooses a toolchain, from
/// which files is not known.
fn is_rustup(program: &Path) -> bool {
    let rustup = program.with_file_name(format!("rustup{}", std::env::consts::EXE_SUFFIX));
    let build = |program: &Path| {
        let meta = program.metadata().ok()?;
        Some((meta.len(), meta.modified().ok()?))
    };
    build(program).is_some_and(|own| Some(own) == build(&rustup))
}

/// Whether a toolchain is one that rustup has installed, and has still. What is remembered is kept in
/// the book's folder, whose text may come from a stranger; programs from anywhere else are not started.
fn is_of_rustup(sysroot: &Path) -> bool {
    rustup_home().is_some_and(|home| is_below(sysroot, &home))
}

/// Whether a toolchain with a compiler is below rustup's folder `home`.
fn is_below(sysroot: &Path, home: &Path) -> bool {
    let toolchains = home.join("toolchains").canonicalize();
    match (program_in(sysroot, "rustc").canonicalize(), toolchains) {
        (Ok(rustc), Ok(toolchains)) => rustc.starts_with(toolchains),
        _ => false,
    }
}

/// The place of a program in a toolchain.
fn program_in(sysroot: &Path, name: &str) -> PathBuf {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    sysroot.join("bin").join(file)
}

fn rustup_home() -> Option<PathBuf> {
    let home = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
    home.or_else(|| Some(std::env::home_dir()?.join(".rustup")))
}

/// The files in which a user may have chosen the toolchain for the folder `cwd`: rustup's settings,
/// and its toolchain files there or above.
fn choices(cwd: &Path) -> Vec<PathBuf> {
    let settings = rustup_home().map(|rustup| rustup.join("settings.toml"));
    let names = ["rust-toolchain", "rust-toolchain.toml"];
    let chosen = cwd
        .ancestors()
        .flat_map(|folder| names.map(|name| folder.join(name)));
    settings.into_iter().chain(chosen).collect()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    /// A folder with these files, and what stands in each.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let file = dir.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        dir
    }

    #[test]
    fn a_compiler_stands_in_its_toolchain_and_what_chooses_one_does_not() {
        let compiler = folder(&[("bin/rustc", "compiler"), ("lib/rustlib/x", "")]);
        let root = compiler.path().canonicalize().unwrap();
        assert_eq!(own_sysroot(&compiler.path().join("bin/rustc")), Some(root));
        let shims = folder(&[("bin/rustup", "rustup"), ("bin/other", "other")]);
        for (target, wanted) in [("rustup", true), ("other", false)] {
            let rustc = shims.path().join("bin/rustc");
            let _ = std::fs::remove_file(&rustc);
            std::os::unix::fs::symlink(target, &rustc).unwrap();
            assert_eq!(own_sysroot(&rustc), None);
            assert_eq!(is_rustup(&rustc), wanted, "{target}");
        }
    }

    #[test]
    fn only_what_rustup_has_installed_is_believed() {
        let home = folder(&[("toolchains/a/bin/rustc", ""), ("elsewhere/bin/rustc", "")]);
        let is_believed = |root: &str| is_below(&home.path().join(root), home.path());
        assert!(is_believed("toolchains/a"));
        for root in ["toolchains/gone", "elsewhere", "toolchains/../elsewhere"] {
            assert!(!is_believed(root), "{root}");
        }
    }
}
