//! Every kind of finding: its id, a title, and what `explain` says about it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A kind of finding. Ids are stable; a retired id is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// The id, such as `V0102`.
    pub id: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What it means and how to mend it.
    pub explanation: &'static str,
}

impl Code {
    /// The kind with this id.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        CODES
            .iter()
            .copied()
            .find(|code| code.id.eq_ignore_ascii_case(id))
    }

    /// Whether the surroundings are at fault, not the guide: a missing tool, the network, the disk.
    /// Such a finding leaves blocks unproven; only strict mode fails on it.
    #[must_use]
    pub fn is_of_environment(self) -> bool {
        [
            Self::TOOL_MISSING,
            Self::BASE_UNAVAILABLE,
            Self::TOOL_FAILED,
            Self::WORKSPACE_BUSY,
            Self::WORKSPACE_WRITE,
            Self::BASE_CHANGED,
            Self::BASE_NOT_PINNED,
            Self::WORKSPACE_LINK,
        ]
        .contains(&self)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Self::find(&id)
            .ok_or_else(|| serde::de::Error::custom(format!("no finding has the id {id}")))
    }
}

/// Declares the kinds as constants of [`Code`] and lists them in [`CODES`].
macro_rules! codes {
    ($($id:ident $name:ident $title:literal $explanation:literal)*) => {
        impl Code {
            $(#[doc = $title] pub const $name: Code = Code {
                id: stringify!($id),
                title: $title,
                explanation: $explanation,
            };)*
        }

        /// All kinds of findings, by id.
        pub const CODES: &[Code] = &[$(Code::$name),*];
    };
}

codes! {
    V0101 INCLUDE_MISSING "an include that cannot be read"
        "The file named by an {{#include …}} (or rustdoc_include, playground) does not exist or cannot be read as UTF-8 text. mdBook only logs this and leaves the words on the page. Paths are relative to the file that holds the include."
    V0102 INCLUDE_ANCHOR "an include whose anchor or lines are not there"
        "The included file has no `ANCHOR: name` line for the name asked for, its ANCHOR_END is missing, or the line range lies outside the file. mdBook would silently show nothing, or everything up to the end."
    V0103 INCLUDE_LOOP "includes that never end"
        "A file includes itself, directly or through others, or includes are nested more than ten deep, where mdBook stops."
    V0104 CHAPTER_UNREADABLE "a chapter that cannot be read"
        "SUMMARY.md names a chapter whose file does not exist or is not UTF-8 text."

    V0201 FENCE_LOST "three backticks that neither open nor close a block"
        "The line starts with three backticks, but Markdown does not read it as the start or end of a code block: an earlier fence was never closed, or the line stands inside HTML. Close the earlier fence, or use a longer fence around a block that shows fences."
    V0202 FENCE_UNCLOSED "a fence that is never closed"
        "The code block runs to the end of the text around it. Add a closing fence."
    V0203 LANGUAGE_MISSING "a fence without a language"
        "Nothing can be checked about a block whose language is unknown, and `mdbook test` would compile it as Rust. Name the language after the backticks; plain text is `text`."
    V0204 BLOCK_INDENTED "an indented code block"
        "Text indented by four spaces is a code block for Markdown, without a language. Use a fence, or remove the indentation if it was not meant to be code."
    V0205 ID_TAKEN "an id that two blocks have"
        "Every block has one id of its own. Change one of them."

    V0301 ATTRIBUTE_UNKNOWN "an unknown word after the language"
        "The words after the language say what the block is: flags (append, fragment=PATH, step, tree, output …) and key=value pairs. This one is not known."
    V0302 ATTRIBUTE_VALUE "a malformed attribute"
        "Values are written key=value or key=\"two words\". There are no escapes: a backslash, an ampersand or a backtick in a value is refused, and so is a quote that is not closed."
    V0303 ATTRIBUTE_CONFLICT "attributes that do not go together"
        "A block has one role. Some attributes need another one, or exclude it, or were given twice."
    V0304 EDITION_UNKNOWN "an edition that the book does not have"
        "edition= names editions of book.toml ([[preprocessor.verify.edition]]), separated by commas."
    V0305 BASE_UNKNOWN "a base that an edition does not have"
        "base= names a base of the edition in book.toml ([preprocessor.verify.edition.base.NAME]); without base= it is `server`."
    V0306 ILLUSTRATIVE_CEILING "more illustrative blocks than allowed"
        "illustrative= takes a block out of verification. book.toml says how many may be (illustrative-max)."
    V0307 RUST_UNTESTED "a Rust block that rustdoc would not test"
        "`ignore` and `no_run` need a reason: illustrative=\"…\"."
    V0309 LANGUAGE_OF_FILE "a language that does not fit the file"
        "The language after the backticks and the extension of file= or fragment= say different things."
    V0310 LANGUAGE_MISSPELT "a language that is none, but almost one"
        "The word after the backticks is no language that a book colours, and one or two letters away from one. What the block holds would neither be coloured nor checked as what it is."

    V0401 PATH_REFUSED "a path that leaves the tree"
        "Paths of blocks are relative to the tree of their base, with forward slashes: no absolute path, no `..`, no NUL, nothing under .git."
    V0402 FILE_EXISTS "a file that is already there"
        "A block with file= creates the file, but at this step it exists, in upstream or from an earlier block. Use a diff, or append."
    V0403 FILE_MISSING "a file that is not there"
        "At this step the tree has no such file. Check the path, the base= and the order of the blocks."
    V0404 DIFF_MALFORMED "a diff that cannot be read"
        "Lines of a diff start with a space (context), - or +; `@@ TEXT` starts another hunk. A diff changes something and has an old side to find its place by."
    V0405 CONTEXT_MISSING "context that the file does not have"
        "The old side of a hunk (its context and - lines) must occur byte for byte, tabs and spaces too, in the file as it stands at this step."
    V0406 CONTEXT_AMBIGUOUS "context that occurs more than once"
        "The old side of a hunk must point at one place. Add a line of context, or narrow it with `@@ LINE`."
    V0407 HUNKS_OVERLAP "hunks that overlap"
        "Two hunks of one diff change the same lines. Join them."
    V0408 FRAGMENT_MISSING "a fragment that does not occur"
        "The text of the block must occur, byte for byte and in whole lines, in the file as it stands at this step."
    V0409 CASE_CLASH "paths that differ only by case"
        "On file systems that ignore case these two paths are one file."
    V0410 NAME_DIFFERS "a created file that the text calls by another name"
        "A block creates a file that the text never names; inline code names one that differs by a letter or two and is nowhere in the tree. One of them is misspelt."

    V0501 TOOL_MISSING "a tool that is not installed"
        "What this tool would prove stays unproven. Install it as the message says."
    V0502 BASE_UNAVAILABLE "upstream's source cannot be had"
        "The base is a pinned Go module, a git commit, or a directory given with --base. It could not be fetched or read, so nothing of this edition could be proven."
    V0503 SUM_MISMATCH "upstream's source is not the pinned one"
        "The module that arrived has another h1: sum than book.toml pins. Somebody changed one of the two: find out which before changing the pin."
    V0504 TOOL_FAILED "a tool that failed"
        "A tool ended in a way that says nothing about the guide: killed, out of time, out of disk, or with an answer that cannot be read."
    V0505 WORKSPACE_BUSY "another run holds the workspace"
        "Two runs on one book take turns. The other one did not finish in time."
    V0506 WORKSPACE_WRITE "the workspace cannot be written"
        "The stitched tree could not be written below target/verify: no permission, or the disk is full."
    V0507 UNPROVEN "a block that is not proven"
        "The block needs stronger evidence than this run could get. The reason is in the message."
    V0509 BASE_CHANGED "a directory given with --base cannot be used"
        "The directory does not exist or holds no file."


    V0601 GO_SYNTAX "Go that does not parse"
        "The Go parser's message, at its place in the block."
    V0602 GO_TYPE "Go that does not compile"
        "The type checker's message, at its place in the block, on the tree as the whole guide leaves it."
    V0603 GO_LIST "a Go package that cannot be loaded"
        "The go command could not load the package: an import that does not exist, two package names in a folder, an import cycle."
    V0604 GO_VET "Go that go vet objects to"
        "The message of go vet, at its place in the block."
    V0605 GO_BUILD "Go that does not build"
        "Type checking passed but `go build` failed."
    V0606 GO_UPSTREAM "upstream code that the guide breaks"
        "With the guide's edits, a file of upstream no longer compiles; without them it does."
    V0607 GO_NOT_COMPILED "a Go file that no build includes"
        "The file's name, a build constraint, or its folder keep it out of every package that was built, so nothing about it is proven."
    V0608 FAILS_NOT "a block that should fail but does not"
        "fails=\"TEXT\" promises an error that contains TEXT. The block compiles, or fails for another reason."

    V0701 PROTO_SYNTAX "proto that does not compile"
        "The protobuf compiler's message, at its place in the block."
    V0702 PROTO_RULE "proto that breaks a rule of its repository"
        "book.toml's rules for the base ([preprocessor.verify.proto.BASE]) say how files, packages and go_package are named."
    V0703 PROTO_GENERATE "proto from which no code could be generated"
        "A plugin refused the file, or answered with something that cannot be read."

    V0801 DATA_SYNTAX "data that does not parse"
        "YAML, JSON or TOML that its parser refuses, in the block or in the file after the edit."
    V0802 CLAIM_UNKNOWN "a claim that nothing can check"
        "as=NAME says what the data of a block is: the name of a schema of book.toml ([preprocessor.verify.schema.NAME]), or the full name of a message of the stitched .proto files. This name is neither, or it is not for this edition."
    V0803 CLAIM_MISPLACED "a claim about something that is no data"
        "as=NAME is for YAML, JSON, TOML and other data. Source code is checked by its own compiler."
    V0804 DATA_REFUSED "data that is not what its schema wants"
        "The schema that the block claims, or that book.toml gives the file, does not accept the data: an unknown key, a wrong type, a value out of bounds. The message is that of the schema's probe, of the JSON Schema, or of the message's definition."
    V0805 PROBE_BROKEN "a probe that does not compile"
        "A probe is a Go program of the book's own folder. It is compiled inside the stitched trees of each edition that its schema is for; the compiler's message is shown at its place in the probe."
    V0806 PROBE_FAILED "a probe that gave no answer"
        "A probe reads data from standard input and prints findings, one JSON object a line. At the end it prints {\"checked\": true} and exits with status 0, within ten seconds. This one crashed, never ended, or printed something else."
    V0807 SCHEMA_UNUSABLE "a schema that cannot be used"
        "The file that book.toml names is missing or is no JSON Schema, the message does not exist, or a probe's base is no Go module."
    V0808 SCHEMA_IDLE "a schema for files that are not there"
        "A pattern of the schema's files= matches no file of the finished tree, so it checks nothing. It may be misspelt, or the schema may be for another edition (edition = [...])."

    V0901 SHELL_SYNTAX "commands that the shell cannot read"
        "The block, or the script file, is not what Bash could read: a quote or a group that is never closed, a word of a loop or a condition that is missing or out of place."
    V0902 SHELL_TRANSCRIPT "a transcript in place of commands"
        "The block shows a prompt or is called a console's. What a reader copies would not run. Write the commands without prompts in a `bash` block, and what they print in a block of its own with `output of=NAME`."
    V0903 PROGRAM_UNKNOWN "a program that nobody knows"
        "It is no command of Bash, none of the tools whose help can be looked up, and no earlier step builds or installs it. book.toml can name further tools ([preprocessor.verify.shell.tool.NAME])."
    V0904 FLAG_UNKNOWN "a flag that the program does not have"
        "The program's own help, as this machine's build of it prints it, does not speak of this flag."
    V0905 FLAG_VALUE "a flag without its value, or with one too many"
        "By the program's own help the flag takes a value and none follows, or it takes none."
    V0906 COMMAND_UNKNOWN "a command that the program does not have"
        "The program's own help does not list this command."
    V0907 SHELL_PATH "a path that is not there at this step"
        "Neither the tree as it stands at this step nor what earlier steps leave behind has this path. Paths start from cwd= or the last `cd`. book.toml can name paths of the reader's machine (paths) and what a command makes (makes)."
    V0908 SHELL_PACKAGE "a Go package that is not there at this step"
        "The path names no folder with Go files in the tree as it stands at this step. Paths of packages begin with `./`."
    V0909 VARIABLE_UNKNOWN "a variable that nothing sets"
        "No earlier step and nothing before in this block gives the variable a value. book.toml can name variables of the reader's environment (variables)."
    V0910 VARIABLE_UNREAD "a variable that nothing reads"
        "No command of the guide reads the variable, and neither does Go or the shell. It may be misspelt. book.toml can name variables that programs read (variables)."
    V0911 MODULE_UNKNOWN "a Go module that nothing knows"
        "The module is no base, the go.mod at this step does not require it, and book.toml does not name it (modules)."
    V0912 URL_UNKNOWN "an address where nothing answers"
        "book.toml names the servers of the guide with their ports and where their routes stand ([[preprocessor.verify.shell.server]]), and URLs outside (urls). At this step none of them answers at this address."
    V0913 NAME_UNKNOWN "a name of nothing in the tree"
        "A rule of book.toml ([[preprocessor.verify.shell.name]]) says which names there are. This word looks like one and is none."
    V0914 BODY_SYNTAX "a request whose JSON does not parse"
        "What is sent as JSON has to be JSON."
    V0915 REF_UNKNOWN "a branch, tag, commit or remote that nothing knows"
        "No earlier step makes it, it is not what the base is pinned to, and book.toml does not name it (refs)."
    V0916 ARGUMENT_WRONG "an argument that the program would refuse"
        "The program would end with a message about this argument, or about one that is missing."
    V0917 VARIABLE_OF_GO "a setting that Go does not have"
        "`go env` knows the variables that `go help environment` lists."

    V1001 LISTING_MISSING "a listing of what is not there"
        "Every path of a ```text tree block must be in the tree of its base at this step. Names below a folder are looked for in it. A comment is set off by two spaces or by #."
    V1002 LISTING_KIND "a listing that takes a file for a folder"
        "A slash at the end of a name, or names below it, say that it is a folder. At this step the tree has a file of this name."
    V1003 LISTING_EMPTY "a listing that names nothing"
        "A ```text tree block lists paths. This one has none, so nothing about it could be checked."
    V1004 OUTPUT_UNKNOWN "an output of no step"
        "of= names the step that printed the text, by its id=. The step must serve the same edition."
    V1005 OUTPUT_ORDER "an output that stands before its step"
        "Readers run a step and then compare. Put the output behind its step."
    V1006 OUTPUT_TWICE "a second output of one step"
        "A step prints one text. Join the two blocks, or split the step."
    V1012 OUTPUT_DIFFERS "an output that is not what the step printed"
        "The text is not what was printed when the guide was performed. Nobody types an answer: include the file that `mdbook-verify perform` writes below answers/EDITION in the book's source folder."
    V1013 STOPS_UNKNOWN "a step that stops what does not run"
        "stops= names a step before it, by its id=, that is marked background and that nothing has stopped yet. It must serve the same edition."
    V1007 GOMOD_SYNTAX "go.mod that does not parse"
        "A line of a go.mod is a directive (module, go, toolchain, godebug, require, replace, exclude, retract, tool, ignore) with its words, or stands in such a block. Versions are full ones, such as v1.2.3, and fit the /vN of their module."
    V1008 GOMOD_MODULE "a module that the tree does not know"
        "A block with lines of a go.mod names a module that, at this step, the tree's go.mod does not, that is no base, and that replaces none."
    V1009 GOMOD_VERSION "a version that the tree does not ask for"
        "The block says one version, the tree's go.mod another one, at this step and at the end of the guide."
    V1010 FAILS_NOTHING "a promised failure of a file that nothing reads"
        "fails= promises that a tool refuses the change. Files of this kind are read by no tool that the verifier knows, so the promise cannot be kept."
    V1011 GOMOD_FOLDER "a folder beside the tree that is not there"
        "The folder that shall take a module's place is almost called like one of the bases, which stand side by side. If another one is meant, give it a name that is less like theirs."

    V1101 LINK_MISSING "a link to nothing"
        "The link or image is relative to the chapter, also in an included file, and there is no such chapter of SUMMARY.md and no such file in the book's source folder."
    V1102 LINK_OUTSIDE "a link out of the book"
        "The path leads out of the book's source folder, and what stands there is not published. Links are relative to the chapter, also those in a file that it includes."
    V1103 LINK_NO_CHAPTER "a link to a file that is no chapter"
        "mdBook makes pages of the chapters in SUMMARY.md only, and does not copy other .md files. Add the file to SUMMARY.md."
    V1104 LINK_ABSOLUTE "a link from the root of the site"
        "A path that starts with a slash depends on where the book is published, so nothing can be said about it. Write it relative to the chapter."
    V1105 ANCHOR_MISSING "a link to no heading"
        "The part after # names no heading, footnote or other element with an id on that page. mdBook makes ids of headings: lower case, spaces become hyphens, other marks vanish; a second heading of the same text gets -1 at its end."
    V1106 PROSE_PATH "inline code that nearly names a file"
        "Inline code names a path that no tree has at the end of the guide. If it is meant, list it under [preprocessor.verify.prose] known."
    V1107 PROSE_WORD "inline code that nearly is a name of the code"
        "Inline code has a word that occurs neither in the guide's blocks nor in upstream's source, but differs from one that does by a letter or two. If it is meant, list it under [preprocessor.verify.prose] known."
    V1108 PROSE_FLAG "inline code that nearly is a flag of a step"
        "Inline code has a flag that no step of the guide uses, but differs from one that a step uses by a letter. If it is meant, list it under [preprocessor.verify.prose] known."
    V1109 REFERENCE_UNDEFINED "a link by a label that is not defined"
        "[text][label] needs a line [label]: TARGET in the same chapter. Markdown leaves it on the page as it is written."
    V1110 PROSE_KNOWN_UNUSED "a setting that nothing needs"
        "[preprocessor.verify.prose] known lists inline code that is meant although it looks misspelt. No inline code of the book has this any more."

    V1201 RUST_COMPILE "Rust that does not compile"
        "rustc's message, at its place in the block. A block that belongs to no file is compiled as `mdbook test` compiles it: with `fn main` around it unless it has one, lines that start with `# ` hidden from the reader but compiled, and the edition of book.toml's [rust] table. A block with file= is compiled with its crate."
    V1202 RUST_FAILS_NOT "a Rust block that should not compile but does"
        "A block marked `compile_fail` compiles, or none of its errors has the code that stands beside that word, such as E0382."
    V1203 RUST_NOT_COMPILED "a Rust file that no target of cargo's includes"
        "The crate compiles, but without this file: no `mod` declares it, or its target is not built. Nothing about it is proven."
    V1204 RUST_PACKAGE "a package that does not compile"
        "Blocks are shown from this package, which book.toml names ([preprocessor.verify.rust] packages), but cargo refuses it or it has an error elsewhere than in these blocks."
    V1205 RUST_UPSTREAM "upstream Rust that the guide breaks"
        "With the guide's edits, a file of upstream no longer compiles; without them it does."
    V1206 RUST_CARGO "a manifest that cargo refuses"
        "With the Cargo.toml that the guide leaves, cargo cannot begin to compile: a dependency that does not exist, a key or a target that is wrong."

    V1211 MERMAID_SYNTAX "a Mermaid diagram that does not parse"
        "The page would show an error instead of the diagram. The message is the parser's, at its place in the block."
    V1212 MERMAID_NAME "a name in a Mermaid diagram that looks misspelt"
        "Mermaid takes any word for a new node or participant. This one occurs once, has no label or declaration of its own, and is one letter away from another one, so the diagram would show two where one is meant. If both are meant, declare this one."
    V1301 RECORDING_UNREADABLE "a proofs.lock that cannot be read"
        "proofs.lock is written by `mdbook-verify record` alone. This one is no TOML, has the marks of a merge conflict, or lists other blocks than those that its digests are of. Take one side of a conflict as it is, or restore the committed file; then record again what is stale."
    V1302 RECORDING_SCHEMA "a proofs.lock of another schema"
        "The file was written by a newer mdbook-verify. Use that one, or remove the file and record its editions again."
    V1303 RECORDING_STALE "a recording that no longer fits"
        "The blocks, the pins or the settings of the edition are not what was recorded in proofs.lock. A block proves something only in the tree that all blocks of its edition make, so one change takes the evidence from all. Record the edition again where its bases can be had: mdbook-verify record --edition EDITION."
    V1304 RECORDING_FOREIGN "a proofs.lock that speaks of something else"
        "proofs.lock has an edition that book.toml does not have, or none of the book's blocks. Either the edition was renamed or removed, or the file is another book's."
    V1305 BASE_NOT_PINNED "a base that is not the pinned tree"
        "`record` writes down what others cannot check, so it takes a folder for a base only if it is the tree that book.toml pins: of a commit a clean checkout, without untracked or ignored files; of a module the files that have its h1: sum."

    V1401 NAMES_TOO_MANY "too many names to compare"
        "Created files are compared with the names in inline code that no tree has, to find misspelt ones (V0410). With thousands of both that would take minutes, so the rest is left out, and said."
    V1402 WORKSPACE_LINK "a link in the verifier's own folders"
        "A folder below target/verify is a symbolic link. Stitched trees are made to hold just what they should, so writing through the link would change, and remove, files elsewhere. Only `target` itself may be a link."
    V1403 PLACEHOLDER_UNKNOWN "a placeholder that stands for nothing"
        "A comment `<!-- verify:NAME -->` is replaced on the page by what the verifier found out. There is nothing of this name: proven is a sentence, summary, editions and files are tables."
}
