// How fast the parsers of Prometheus and of VictoriaMetrics read scrapes: prints the same lines as
// exposition_speed, and what they found. benches/compare makes one table of both.
//
// Arguments: passes, and the folder that exposition_speed wrote.
package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	vm "github.com/VictoriaMetrics/VictoriaMetrics/lib/protoparser/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

const family = "container_memory_usage_bytes"

// memory is what rows tell of the memory in use.
type memory struct{ rows, bytes uint64 }

func (m *memory) add(bytes float64) {
	m.rows++
	m.bytes += uint64(math.Round(bytes))
}

func isOfFamily(series string) bool {
	rest, found := strings.CutPrefix(series, family)
	return found && (rest == "" || rest[0] == '{')
}

// Rows alone: Prometheus finds series that it knows by their text, without reading their labels.
func rowsOfPrometheus() func([]byte, *memory) {
	symbols := labels.NewSymbolTable()
	return func(scrape []byte, found *memory) {
		prometheus(textparse.NewPromParser(scrape, symbols, false), found, nil)
	}
}

func labelsOfPrometheus() func([]byte, *memory) {
	symbols := labels.NewSymbolTable()
	var read labels.Labels
	return func(scrape []byte, found *memory) {
		prometheus(textparse.NewPromParser(scrape, symbols, false), found, &read)
	}
}

func prometheus(parser textparse.Parser, found *memory, read *labels.Labels) {
	for {
		entry, err := parser.Next()
		if err == io.EOF {
			return
		}
		check(err)
		if entry != textparse.EntrySeries {
			continue
		}
		series, _, value := parser.Series()
		if read != nil {
			parser.Labels(read)
		}
		if isOfFamily(string(series)) {
			found.add(value)
		}
	}
}

func victoriaMetrics() func([]byte, *memory) {
	var rows vm.Rows
	fail := func(message string) { panic(message) }
	return func(scrape []byte, found *memory) {
		rows.UnmarshalWithErrLogger(string(scrape), fail)
		for i := range rows.Rows {
			if row := &rows.Rows[i]; row.Metric == family {
				found.add(row.Value)
			}
		}
	}
}

func main() {
	passes, err := strconv.Atoi(os.Args[1])
	check(err)
	parsers := []struct {
		name string
		make func() func([]byte, *memory)
	}{
		{"Prometheus textparse, rows", rowsOfPrometheus},
		{"Prometheus textparse, rows and labels", labelsOfPrometheus},
		{"VictoriaMetrics", victoriaMetrics},
	}
	for _, set := range []string{"stable heads", "changing heads"} {
		scrapes, size := readAll(filepath.Join(os.Args[2], strings.ReplaceAll(set, " ", "-")))
		for _, parser := range parsers {
			read := parser.make()
			for range passes {
				var found memory
				start := time.Now()
				for _, scrape := range scrapes {
					read(scrape, &found)
				}
				seconds := time.Since(start).Seconds()
				fmt.Printf("%s, %s\t%d\t%d\t%.9f\t%d\n", set, parser.name, size, found.rows, seconds, found.bytes)
			}
		}
	}
}

func readAll(folder string) ([][]byte, int) {
	files, err := filepath.Glob(filepath.Join(folder, "*.prom"))
	check(err)
	sort.Strings(files)
	var scrapes [][]byte
	size := 0
	for _, file := range files {
		scrape, err := os.ReadFile(file)
		check(err)
		size += len(scrape)
		// The parser of Prometheus appends a line end: with room for it, it copies nothing.
		scrapes = append(scrapes, append(make([]byte, 0, len(scrape)+1), scrape...))
	}
	return scrapes, size
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
