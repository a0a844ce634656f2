package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"kaisen/internal/app"
	"kaisen/internal/chdb"
	"kaisen/internal/config"
)

func newClickHouse() *cobra.Command {
	cfg := config.DefaultConfig()
	cmd := &cobra.Command{
		Use:   "clickhouse",
		Short: "The embedded ClickHouse alone",
		Long: "Serves ClickHouse's own HTTP interface and native protocol on a folder of its own, for curl, clickhouse-client, Grafana\n" +
			"and DBeaver. The accounts kaisen (writes), analyst (reads) and grafana (reads no personal data) have passwords, in files\n" +
			"like analyst.password in the folder. There is no TLS: keep it on loopback.",
		Example: "  kaisen clickhouse --path ./data --listen 127.0.0.1:8123\n" +
			"  curl --user \"analyst:$(cat ./data/analyst.password)\" http://127.0.0.1:8123/ --data-binary 'SELECT version()'",
		Args: cobra.NoArgs,
	}
	store := &cfg.Store
	cmd.Flags().StringVar(&store.Path, "path", store.Path, "folder with the engine's files")
	cmd.Flags().StringVar(&store.Listen, "listen", store.Listen, "address of the HTTP interface")
	cmd.Flags().StringVar(&store.ListenNative, "listen-native", store.ListenNative, "address of the native protocol, on the same host; empty is off")
	cmd.Flags().StringVar(&store.UsersFile, "users-file", "", "YAML file with more users")
	cmd.Flags().StringVar(&cfg.TimeZone, "time-zone", cfg.TimeZone, "in which today() turns")
	cmd.Flags().Var(memoryFlag{&store.Memory}, "memory", "the most memory that it takes, at least 512MiB; empty or 0B is half of the machine's, at most 4GiB")
	supervised := cmd.Flags().Bool("supervised", false, "be the engine of the kaisen that starts this process")
	if err := cmd.Flags().MarkHidden("supervised"); err != nil {
		panic(err) // there is such a flag
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *supervised {
			return chdb.Serve(cmd.Context(), cmd.InOrStdin())
		}
		log := newLogger(cmd.ErrOrStderr(), cfg.Log)
		return app.RunEngine(cmd.Context(), &cfg, func() {
			log.Info("embedded ClickHouse is ready", "listen", store.Listen, "listen_native", store.ListenNative, "path", store.Path)
		}, log)
	}
	return cmd
}

// memoryFlag is store.memory as a flag, with the same bound.
type memoryFlag struct{ size *config.Size }

// String is the size; empty where the engine chooses, so that the help shows no default.
func (f memoryFlag) String() string {
	if f.size == nil || *f.size == 0 {
		return ""
	}
	return f.size.String()
}

// Set takes what the configuration takes.
func (f memoryFlag) Set(text string) error {
	if err := f.size.UnmarshalText([]byte(text)); err != nil {
		return fmt.Errorf("%w; write it like 512MiB or 2GiB", err)
	}
	if problem, advice := config.CheckMemory(*f.size); problem != "" {
		return errors.New(problem + "; " + advice)
	}
	return nil
}

// Type is what the help calls it.
func (f memoryFlag) Type() string { return "size" }
