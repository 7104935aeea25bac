package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A store keeps what earlier runs found out, each thing under a key of all that
// can change it. It lies in a folder that belongs to one build of this program
// and one Go toolchain, so neither has to be part of a key. The zero store keeps
// nothing.
type store struct{ dir string }

// keptFor is how long something is kept that no run asks for.
const keptFor = 14 * 24 * time.Hour

func (s store) read(kind, key string) ([]byte, bool) {
	if s.dir == "" {
		return nil, false
	}
	file := s.file(kind, key)
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, false
	}
	s.touch(file)
	return data, true
}

func (s store) has(kind, key string) bool {
	if s.dir == "" {
		return false
	}
	file := s.file(kind, key)
	if _, err := os.Stat(file); err != nil {
		return false
	}
	s.touch(file)
	return true
}

// touch notes that a file is in use. That it could not be noted costs a later
// run some time, nothing else.
func (s store) touch(file string) {
	now := time.Now()
	if info, err := os.Stat(file); err == nil && now.Sub(info.ModTime()) > keptFor/8 {
		_ = os.Chtimes(file, now, now)
	}
}

// write keeps data. Other runs may write the same at the same time, so it gets
// its name when it is whole. That it could not be kept costs time, nothing else.
func (s store) write(kind, key string, data []byte) {
	if s.dir == "" {
		return
	}
	file := s.file(kind, key)
	if os.MkdirAll(filepath.Dir(file), 0o777) != nil {
		return
	}
	aside, err := os.CreateTemp(filepath.Dir(file), ".new-")
	if err != nil {
		return
	}
	defer os.Remove(aside.Name()) // in vain once it has its name
	_, err = aside.Write(data)
	if closed := aside.Close(); err != nil || closed != nil {
		return
	}
	_ = os.Rename(aside.Name(), file)
}

// trim removes what nobody asked for in a long time, at most once a day.
func (s store) trim() {
	stamp := filepath.Join(s.dir, "trimmed")
	if info, err := os.Stat(stamp); s.dir == "" || err == nil && time.Since(info.ModTime()) < 24*time.Hour {
		return
	}
	if os.WriteFile(stamp, nil, 0o666) != nil {
		return
	}
	_ = filepath.WalkDir(s.dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > keptFor {
			_ = os.Remove(file)
		}
		return nil
	})
}

func (s store) file(kind, key string) string { return filepath.Join(s.dir, kind, key[:2], key) }

// A digest hashes parts that do not run into one another.
type digest struct{ hash.Hash }

func newDigest() digest { return digest{sha256.New()} }

func (d digest) add(parts ...string) {
	for _, part := range parts {
		fmt.Fprintf(d, "%d:%s", len(part), part)
	}
}

func (d digest) key() string { return hex.EncodeToString(d.Sum(nil)[:16]) }
