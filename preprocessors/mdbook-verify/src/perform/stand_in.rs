//! What takes the place of hosts. A clone comes from the folder that `--base` names, and a module that
//! no proxy serves is made of such a folder: so the performance uses the very bytes that are pinned.
//! Go holds a module made here against the sum in upstream's own go.sum, as any other.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, result::ZipError};

use crate::base::{Base, Fetcher, files};
use crate::config::{BaseSpec, Edition, GitSpec, ModuleSpec};
use crate::gomod;
use crate::tool;

use super::stage::Stage;

/// Provides for an edition. `commands` are those of its steps, which say what is cloned.
pub(super) fn provide(
    stage: &mut Stage<'_>,
    edition: &Edition,
    fetcher: &Fetcher<'_>,
    commands: &[&str],
) -> Result<(), String> {
    let spoken_of = |url: &str| commands.iter().any(|commands| commands.contains(url));
    let mut repositories = Vec::new();
    let mut modules = Vec::new();
    for (name, spec) in &edition.base {
        let base = || {
            let base = fetcher.fetch(name, spec);
            base.map_err(|finding| format!("the base {name}: {}", finding.message))
        };
        match spec {
            BaseSpec::Git(spec) if spoken_of(&spec.git) => {
                if let Some(folder) = fetcher.directories.get(name) {
                    base()?;
                    repositories.push((spec.git.clone(), folder.clone()));
                }
            }
            BaseSpec::Git(spec) => modules.push((spec, base()?)),
            BaseSpec::Module(spec) => {
                let url = format!("https://{}", spec.module);
                if spoken_of(&url) {
                    repositories.push((url, repository(stage, spec, &base()?)?));
                }
            }
        }
    }
    stage.set("GIT_CONFIG_COUNT", repositories.len().to_string());
    for (number, (url, folder)) in repositories.iter().enumerate() {
        let key = format!("url.{}.insteadOf", folder.display());
        stage.set(&format!("GIT_CONFIG_KEY_{number}"), key);
        stage.set(&format!("GIT_CONFIG_VALUE_{number}"), url);
    }
    if modules.is_empty() {
        return Ok(());
    }
    let default = edition.default_base();
    let server = edition.base.get(default).ok_or("the edition has no base")?;
    let server = fetcher
        .fetch(default, server)
        .map_err(|finding| finding.message)?;
    let proxy = stage.wings.join("proxy");
    for (spec, base) in modules {
        publish(&proxy, spec, &base.dir, &server.dir)?;
    }
    let user = stage.proxy();
    stage.set("GOPROXY", format!("file://{},{user}", proxy.display()));
    Ok(())
}

/// A repository with one commit that holds a module, and the tag of its version.
fn repository(stage: &Stage<'_>, spec: &ModuleSpec, base: &Base) -> Result<PathBuf, String> {
    let git = tool::find("git", None).ok_or("the guide clones, and git is not installed")?;
    let folder = stage.wings.join("repositories").join(&spec.module);
    crate::workspace::copy(&base.dir, &folder).map_err(|error| error.to_string())?;
    let message = format!("{} {}", spec.module, spec.version);
    let calls: [&[&str]; 4] = [
        &["init", "--quiet", "--initial-branch=main"],
        &["add", "--force", "."],
        &["commit", "--quiet", "--message", &message],
        &["tag", &spec.version],
    ];
    for args in calls {
        let answer = stage.call(&git, &folder).args(args).run();
        let answer = answer.map_err(|error| error.to_string())?;
        if !answer.ok() {
            return Err(format!("`git {}`: {}", args.join(" "), answer.complaint()));
        }
    }
    Ok(folder)
}

/// Puts a module into a folder that has the shape of a module proxy, at the version that the server's
/// go.mod asks for.
fn publish(proxy: &Path, spec: &GitSpec, dir: &Path, server: &Path) -> Result<(), String> {
    let read = |folder: &Path| {
        let file = folder.join("go.mod");
        fs::read_to_string(&file)
            .map_err(|error| format!("{} cannot be read: {error}", file.display()))
    };
    let text = read(dir)?;
    let (own, _) = gomod::parse(&text);
    let module = own
        .module()
        .ok_or_else(|| format!("the go.mod of {} names no module", spec.git))?;
    let (server, _) = gomod::parse(&read(server)?);
    let version = server.required(&module.text).ok_or_else(|| {
        format!(
            "no step clones {}, and the server does not require {}",
            spec.git, module.text
        )
    })?;
    let folder = proxy.join(escaped(&module.text)).join("@v");
    let place = |error: std::io::Error| format!("{} cannot be written: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(place)?;
    let info = serde_json::json!({ "Version": version }).to_string();
    fs::write(folder.join(format!("{version}.info")), info).map_err(place)?;
    fs::write(folder.join(format!("{version}.mod")), &text).map_err(place)?;
    let archive = folder.join(format!("{version}.zip"));
    let prefix = format!("{}@{version}", module.text);
    pack(&archive, &prefix, dir)
        .map_err(|error| format!("{} cannot be written: {error}", archive.display()))
}

/// Capital letters as the proxy's protocol writes them.
fn escaped(module: &str) -> String {
    let mut escaped = String::new();
    for c in module.chars() {
        if c.is_ascii_uppercase() {
            escaped.push('!');
        }
        escaped.push(c.to_ascii_lowercase());
    }
    escaped
}

/// The archive of a module: its files below MODULE@VERSION, without nested modules.
fn pack(archive: &Path, prefix: &str, dir: &Path) -> Result<(), ZipError> {
    let all = files(dir)?;
    let nested: Vec<_> = all
        .iter()
        .filter_map(|file| file.strip_suffix("/go.mod"))
        .map(|folder| format!("{folder}/"))
        .collect();
    let mut zip = ZipWriter::new(File::create(archive)?);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for file in &all {
        let of_another = nested.iter().any(|folder| file.starts_with(folder));
        if of_another || file.starts_with("vendor/") || file.contains("/vendor/") {
            continue;
        }
        zip.start_file(format!("{prefix}/{file}"), options)?;
        zip.write_all(&fs::read(dir.join(file))?)?;
    }
    zip.finish()?;
    Ok(())
}
