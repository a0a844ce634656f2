package clickhouse_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"kaisen/internal/chdb/chdbtest"
)

// onCluster stands before the first engine of a cluster and is what the embedded engine lacks: the queue of statements
// ON CLUSTER, and a Keeper that answers. Each such statement is run on every server that listens, and the answer names all of them.
// Replicated tables are made plain ones, and said to be what they are not.
type onCluster struct {
	cluster *chdbtest.Cluster
	own     string // address of the first engine
	mu      sync.Mutex
	members int
	deaf    []int    // servers that do not take statements
	seen    []string // statements ON CLUSTER
	waits   []string // their distributed_ddl_task_timeout
}

// startOnCluster returns the DSN of a database behind it.
func startOnCluster(t *testing.T, cluster *chdbtest.Cluster, members int) (*onCluster, func(database string) string) {
	t.Helper()
	first, err := url.Parse(cluster.HTTP(0, "default"))
	if err != nil {
		t.Fatal(err)
	}
	q := &onCluster{cluster: cluster, own: first.Host, members: members}
	server := httptest.NewServer(q)
	t.Cleanup(server.Close)
	return q, func(database string) string {
		dsn := *first
		dsn.Host, dsn.Path = strings.TrimPrefix(server.URL, "http://"), "/"+database
		return dsn.String()
	}
}

func (q *onCluster) set(members int, deaf ...int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.members, q.deaf = members, deaf
}

// statements are those that were run ON CLUSTER, and how long each waits for servers.
func (q *onCluster) statements() (all, waits []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.seen), slices.Clone(q.waits)
}

func (q *onCluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	const on = " ON CLUSTER '" + chdbtest.ClusterName + "'"
	sql := strings.ReplaceAll(string(body), "system.zookeeper WHERE path = '/'", "system.one")
	sql = strings.Replace(sql, "SELECT name, engine FROM", "SELECT name, if(engine LIKE '%MergeTree', 'Replicated', '') || engine FROM", 1)
	if strings.Contains(sql, on) {
		if sql, err = q.everywhere(r, strings.Replace(sql, on, "", 1)); err != nil {
			w.Header().Set("X-ClickHouse-Exception-Code", "1000")
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(sql)), int64(len(sql))
	q.ask(w, r, q.own)
}

// everywhere runs a statement on all servers, and returns the question whose answer is what became of it.
func (q *onCluster) everywhere(r *http.Request, sql string) (string, error) {
	sql = regexp.MustCompile(`ENGINE = Replicated(\w+)\('[^']*', '{replica}'(?:, )?(.*)\)`).ReplaceAllString(sql, "ENGINE = $1($2)")
	q.mu.Lock()
	defer q.mu.Unlock()
	q.seen, q.waits = append(q.seen, sql), append(q.waits, r.URL.Query().Get("distributed_ddl_task_timeout"))
	var outcomes []string
	for i := range q.members {
		host, port, _ := strings.Cut(q.cluster.Address(i), ":")
		status := "0"
		if slices.Contains(q.deaf, i) {
			status = "NULL"
		} else if err := q.do(r, i, sql); err != nil {
			return "", err
		}
		outcomes = append(outcomes, "SELECT '"+host+"' AS host, toUInt16("+port+") AS port, CAST("+status+" AS Nullable(Int64)) AS status, '' AS error, toUInt64(0) AS num_hosts_remaining, toUInt64(0) AS num_hosts_active")
	}
	return strings.Join(outcomes, " UNION ALL "), nil
}

func (q *onCluster) do(r *http.Request, i int, sql string) error {
	target, err := url.Parse(q.cluster.HTTP(i, ""))
	if err != nil {
		return err
	}
	args := r.URL.Query()
	if strings.HasPrefix(sql, "CREATE DATABASE") {
		args.Del("database") // it need not be there
	}
	target.RawQuery = args.Encode()
	_, err = chdbtest.AskHTTP(target.String(), sql)
	return err
}

// ask passes a request on.
func (q *onCluster) ask(w http.ResponseWriter, r *http.Request, host string) {
	r.RequestURI, r.URL.Scheme, r.URL.Host, r.Close = "", "http", host, true
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer response.Body.Close()
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	var answer bytes.Buffer
	io.Copy(&answer, response.Body)
	w.WriteHeader(response.StatusCode)
	w.Write(answer.Bytes())
}
