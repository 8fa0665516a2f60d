@echo off
rem Runs the unroll command, building Release first when a source changed. It says so on standard error.
setlocal
set "BUILT="
set "ROOT=%~dp0"
set "DLL=%ROOT%artifacts\bin\Unroll.Cli\release\Unroll.Cli.dll"
set "STAMP=%ROOT%artifacts\unroll.stamp"
where dotnet >nul 2>nul || (echo unroll: install the .NET 10 SDK first, from https://dot.net/download 1>&2 & exit /b 2)
call :fresh && goto run
if not exist "%ROOT%artifacts" mkdir "%ROOT%artifacts"
set "NEXT=%STAMP%.%RANDOM%%RANDOM%"
set "LOG=%TEMP%\unroll-build-%RANDOM%%RANDOM%.log"
type nul >"%NEXT%"
rem The open handle on the lock file makes a second process wait its turn.
:lock
2>nul ( 9>"%ROOT%artifacts\unroll.lock" call :build ) || (if not defined BUILT (ping -n 2 127.0.0.1 >nul & goto lock))
if "%BUILT%"=="0" (move /y "%NEXT%" "%STAMP%" >nul & del "%LOG%" >nul 2>nul & goto run)
type "%LOG%" 1>&2
del "%LOG%" "%NEXT%" >nul 2>nul
echo unroll: the build failed; its messages are above. 1>&2
exit /b 1
:build
call :fresh && (set "BUILT=0" & exit /b 0)
if exist "%DLL%" (echo unroll: building, as a source has changed. 1>&2) else (echo unroll: building for the first time, which takes a minute. 1>&2)
dotnet build "%ROOT%src\Unroll.Cli" -c Release -v quiet --nologo -nodeReuse:false -p:UseSharedCompilation=false >"%LOG%" 2>&1
set "BUILT=%ERRORLEVEL%"
exit /b %BUILT%
:fresh
if not exist "%DLL%" exit /b 1
if not exist "%STAMP%" exit /b 1
powershell -NoProfile -NonInteractive -Command "$s=(Get-Item -LiteralPath $env:STAMP).LastWriteTimeUtc; $r=$env:ROOT; if (Get-ChildItem -Recurse -Path ($r+'src'),($r+'Directory.*.props'),($r+'global.json') | Where-Object { $_.LastWriteTimeUtc -gt $s } | Select-Object -First 1) { exit 1 }"
exit /b %ERRORLEVEL%
:run
dotnet "%DLL%" %*
exit /b %ERRORLEVEL%
