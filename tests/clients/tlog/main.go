// Reads a log as any client of C2SP tlog-tiles does, with the libraries of the Go checksum database.
//
// Usage: tlog ADDRESS PUBLIC_KEY EARLIER_CHECKPOINT [SESSION_TOKEN]
//
// It verifies the log's checkpoint, that it extends the earlier one, and that every leaf is in the tree; then it says how many.
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type log struct {
	address, token string
}

func (l *log) get(path string) ([]byte, error) {
	request, err := http.NewRequest("GET", l.address+path, nil)
	if err != nil {
		return nil, err
	}
	if l.token != "" {
		request.Header.Set("Coder-Session-Token", l.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s: %s", path, response.Status, body)
	}
	return body, err
}

// path is the tile's address: the library's has the height in it.
func path(tile tlog.Tile) string {
	return "/" + strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
}

func (l *log) Height() int { return height }

func (l *log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		var err error
		if data[i], err = l.get(path(tile)); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func (l *log) SaveTiles([]tlog.Tile, [][]byte) {}

// checkpoint verifies a signed note and reads the tree head in it.
func checkpoint(text []byte, verifier note.Verifier) (tree tlog.Tree, err error) {
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		return tree, fmt.Errorf("the origin is %q", lines[0])
	}
	if _, err = fmt.Sscan(lines[1], &tree.N); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// leaves reads every entry and checks that it is in the tree.
func (l *log) leaves(tree tlog.Tree, hashes tlog.HashReader) error {
	for first := int64(0); first < tree.N; first += 1 << height {
		tile := tlog.Tile{H: height, L: -1, N: first >> height, W: int(min(tree.N-first, 1<<height))}
		bundle, err := l.get(strings.Replace(path(tile), "tile/data/", "tile/entries/", 1))
		if err != nil {
			return err
		}
		for n := first; len(bundle) > 0; n++ {
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			entry := bundle[2:end]
			bundle = bundle[end:]
			if position := int64(binary.BigEndian.Uint64(entry)); position != n+1 {
				return fmt.Errorf("leaf %d says position %d", n, position)
			}
			proof, err := tlog.ProveRecord(tree.N, n, hashes)
			if err != nil {
				return err
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, n, tlog.RecordHash(entry)); err != nil {
				return fmt.Errorf("leaf %d: %w", n, err)
			}
		}
	}
	return nil
}

func run(arguments []string) error {
	verifier, err := note.NewVerifier(arguments[1])
	if err != nil {
		return err
	}
	l := &log{address: arguments[0]}
	text, err := os.ReadFile(arguments[2])
	if err != nil {
		return err
	}
	earlier, err := checkpoint(text, verifier)
	if err != nil {
		return fmt.Errorf("the earlier checkpoint: %w", err)
	}
	if len(arguments) > 3 {
		l.token = arguments[3]
	}
	if text, err = l.get("/checkpoint"); err != nil {
		return err
	}
	tree, err := checkpoint(text, verifier)
	if err != nil {
		return fmt.Errorf("the checkpoint: %w", err)
	}
	hashes := tlog.TileHashReader(tree, l)
	proof, err := tlog.ProveTree(tree.N, earlier.N, hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, earlier.N, earlier.Hash); err != nil {
		return fmt.Errorf("the log does not extend the earlier checkpoint: %w", err)
	}
	if l.token != "" {
		if err := l.leaves(tree, hashes); err != nil {
			return err
		}
	}
	fmt.Printf("%d leaves, which extend %d\n", tree.N, earlier.N)
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
