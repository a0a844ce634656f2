package chdb

import (
	"os"
	"path/filepath"
)

// The engine's command line trusts whoever asks it, because he has started it and may read its files anyway. So it leaves
// out checks that a server makes, and no right stands in their place: every account, even one that may read nothing,
// could read the passwords and the raw columns in the data folder. These doors are closed here, and a test of
// schema/clickhouse knocks at them:
//
//	SELECT file('/path')              a function of that name is found first: writeFunctions
//	FORMAT Template, Protobuf, …      their settings with paths are fixed: closedSettings
//	SELECT … FROM executable('x.sh')  there is no folder of programs: noScripts
//
// One stays open to whoever may insert somewhere: INSERT INTO … FROM INFILE '/path' shows what the engine may read. So
// who only reads gets no right to temporary tables here, which would be somewhere.

// closedSettings name files of which formats show the content.
func closedSettings() []Setting {
	var all []Setting
	for _, name := range []string{"format_schema", "format_template_row", "format_template_resultset"} {
		all = append(all, Setting{Name: name, Bound: "CONST"})
	}
	return all
}

// noScripts is where the engine looks for programs to run.
const noScripts = "/dev/null/"

// writeFunctions puts a function file beside the data, where the engine looks for what CREATE FUNCTION has made.
func (c Config) writeFunctions() error {
	folder := filepath.Join(c.Path, "user_defined")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	const closed = "CREATE FUNCTION file AS path -> throwIf(1, 'files are closed')\n"
	return os.WriteFile(filepath.Join(folder, "function_file.sql"), []byte(closed), 0o600)
}
