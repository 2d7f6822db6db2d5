@echo off
rem Builds if a source file changed, and says so, then runs. Needs only the .NET SDK.
setlocal
set "here=%~dp0"
set "program=%here%artifacts\bin\Retort.Cli\release\Retort.Cli.exe"
rem the times of these two: the start of the last good build, and the end of the last one, good or not
set "stamp=%here%artifacts\retort.stamp"
set "end=%here%artifacts\retort.end"
set "check=$s = Get-Item -ErrorAction SilentlyContinue '%stamp%';"
set "check=%check% if (-not $s -or -not (Test-Path '%program%')) { exit 1 };"
set "check=%check% $all = @(Get-ChildItem -Recurse '%here%src') + @(Get-Item '%here%src', '%here%*.props',"
set "check=%check% '%here%*.targets', '%here%global.json', '%here%BannedSymbols*.txt', '%here%.editorconfig');"
set "check=%check% $new = @($all | Where-Object LastWriteTimeUtc -gt $s.LastWriteTimeUtc);"
set "check=%check% if ($new.Count -eq 0) { exit 0 };"
rem a source that changed during the last build is older than what was built: the compiler would leave it out
set "check=%check% $e = Get-Item -ErrorAction SilentlyContinue '%end%';"
set "check=%check% if ($e -and ($new | Where-Object LastWriteTimeUtc -le $e.LastWriteTimeUtc)) { exit 2 };"
set "check=%check% exit 1"
set "whole="
powershell -NoProfile -Command "%check%"
if not errorlevel 1 goto run
if errorlevel 2 set "whole=--no-incremental"
if not exist "%here%artifacts" mkdir "%here%artifacts"
if exist "%program%" (
    echo Building Retort, since its sources changed ... 1>&2
) else (
    echo Building Retort, which takes a minute or two the first time, on a busy machine longer ... 1>&2
)
type nul > "%stamp%.new"
dotnet build "%here%src\Retort.Cli" -c Release --nologo -v quiet -clp:ErrorsOnly %whole% ^
    > "%here%artifacts\build.log" 2>&1
if errorlevel 1 (
    type "%here%artifacts\build.log" 1>&2
    type nul > "%end%"
    exit /b 1
)
type nul > "%end%"
move /y "%stamp%.new" "%stamp%" > nul
:run
set "RETORT_CALLED=%~0"
"%program%" %*
exit /b %errorlevel%
