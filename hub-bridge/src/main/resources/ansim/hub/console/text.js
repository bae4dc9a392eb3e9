// What the page says, in Korean and English. Every text on the page comes from here or from the data.

const TEXTS = {
  en: {
    title: 'Ansim live',
    ridesOn: 'rides on',
    boardedToday: 'boarded today',
    unitsHeard: 'units heard',
    districts: 'Districts',
    columnRides: 'rides',
    columnToday: 'today',
    allDistricts: 'All of the city',
    outside: 'Outside all districts',
    map: 'Map',
    approximate: 'Approximate starter map',
    approximateWhy: 'boundaries are a sketch; import the real ones',
    legendHired: 'on a ride',
    legendCell: 'vacant, within 1 km',
    legendPole: 'pole or locker',
    legendStale: 'stale',
    emergencies: 'Emergencies',
    noEmergency: 'No open emergency',
    openRides: 'Open rides',
    noRide: 'No ride is on',
    recentEvents: 'Recent events',
    noEvent: 'Nothing yet',
    emergency: 'EMERGENCY',
    andMore: (n) => `+${n} more`,
    seen: 'Seen',
    seenWhy: 'Quiets it on this screen only',
    seenHere: 'seen on this screen',
    cancelled: 'cancelled at the unit',
    silent: 'SILENT: do not call the vehicle',
    presses: (n) => `${n}×`,
    origin: { rider: 'rider', driver: 'driver', bell: 'bell', app: 'app', 'duress-card': 'duress card', 'roof-lamp': 'roof lamp', unknown: 'unreadable' },
    attention: { lost: 'not heard of', endless: 'does not end', 'no-position': 'no position', 'long-stop': 'stands', 'moving-away': 'going away' },
    owner: 'Owner',
    destination: 'Destination set',
    attentionOver: 'Attention over',
    attentionRaised: 'Needs attention',
    noPlace: 'place not known',
    lastPlace: 'position',
    boarded: 'Boarded',
    named: 'Rider named',
    notNamed: 'no card yet',
    riderNamed: 'card',
    alighted: 'Alighted',
    notSeen: 'boarding not seen',
    contact: (name, closed) => `${name} ${closed ? 'closed' : 'open'}`,
    panic: { raised: 'EMERGENCY', repeated: 'EMERGENCY ↻', cancelled: 'Cancelled' },
    tamper: 'Tamper',
    tampers: { enclosure: 'enclosure', 'loop-cut': 'loop cut', 'reader-silent': 'reader silent', antenna: 'antenna or jamming', power: 'power', 'clock-jump': 'clock jump', 'store-damaged': 'store damaged', 'store-in-memory': 'store in memory only', numbers: 'message numbers', 'update-refused': 'update refused' },
    cleared: 'cleared',
    gap: (first, last) => `Messages ${first}–${last} will not come`,
    unknown: 'Unknown kind of message',
    flags: { late: 'late', suspect: 'suspect', test: 'TEST', 'chain-break': 'chain break', numbers: 'numbers', fork: 'copy', 'possible-loss': 'possible loss', 'gap-before': 'gap before', 'memory-only': 'not on disk' },
    live: 'live',
    connecting: 'connecting',
    reconnecting: 'reconnecting',
    behind: 'live, views behind',
    soundOn: 'Sound on',
    soundOff: 'Sound off',
    language: '한국어',
    never: 'never',
    ago: (n, unit) => `${n} ${unit} ago`,
    units: { s: 's', min: 'min', h: 'h', d: 'd' },
    kind: { taxi: 'taxi', 'cctv-pole': 'pole', 'locker-site': 'locker' },
    revoked: 'revoked',
    onDuty: 'on duty',
    offDuty: 'off duty',
    fix: 'fix',
  },
  ko: {
    title: '안심 라이브',
    ridesOn: '운행 중',
    boardedToday: '오늘 승차',
    unitsHeard: '수신 단말',
    districts: '자치구',
    columnRides: '운행',
    columnToday: '오늘',
    allDistricts: '서울 전체',
    outside: '관할 밖',
    map: '지도',
    approximate: '임시 약식 지도',
    approximateWhy: '경계가 실제와 다릅니다. 실제 경계를 가져오세요',
    legendHired: '승객 탑승',
    legendCell: '빈차, 1 km 범위',
    legendPole: 'CCTV·보관함',
    legendStale: '오래된 정보',
    emergencies: '긴급 신고',
    noEmergency: '진행 중인 긴급 신고 없음',
    openRides: '운행 중인 승차',
    noRide: '운행 중인 승차 없음',
    recentEvents: '최근 기록',
    noEvent: '기록 없음',
    emergency: '긴급',
    andMore: (n) => `외 ${n}건`,
    seen: '확인',
    seenWhy: '이 화면에서만 조용해집니다',
    seenHere: '이 화면에서 확인함',
    cancelled: '단말에서 취소됨',
    silent: '무음 신고: 차량에 전화하지 마세요',
    presses: (n) => `${n}회`,
    origin: { rider: '승객', driver: '기사', bell: '비상벨', app: '앱', 'duress-card': '협박 카드', 'roof-lamp': '방범등', unknown: '판독 불가' },
    attention: { lost: '연락 두절', endless: '하차 없음', 'no-position': '위치 없음', 'long-stop': '장시간 정차', 'moving-away': '목적지 이탈' },
    owner: '담당',
    destination: '목적지 지정',
    attentionOver: '주의 해제',
    attentionRaised: '주의 필요',
    noPlace: '위치 모름',
    lastPlace: '위치',
    boarded: '승차',
    named: '승객 확인',
    notNamed: '카드 전',
    riderNamed: '카드',
    alighted: '하차',
    notSeen: '승차 기록 없음',
    contact: (name, closed) => `${name} ${closed ? '닫힘' : '열림'}`,
    panic: { raised: '긴급', repeated: '긴급 ↻', cancelled: '긴급 취소' },
    tamper: '단말 이상',
    tampers: { enclosure: '함체 열림', 'loop-cut': '회로 단선', 'reader-silent': '리더기 무응답', antenna: '안테나·전파 방해', power: '전원', 'clock-jump': '시계 급변', 'store-damaged': '저장소 손상', 'store-in-memory': '메모리 저장', numbers: '메시지 번호', 'update-refused': '업데이트 거부' },
    cleared: '해제',
    gap: (first, last) => `메시지 ${first}–${last} 없음`,
    unknown: '알 수 없는 메시지',
    flags: { late: '지연', suspect: '의심', test: '시험', 'chain-break': '연결 끊김', numbers: '번호 이상', fork: '복제', 'possible-loss': '유실 가능', 'gap-before': '앞에 누락', 'memory-only': '디스크 없음' },
    live: '실시간',
    connecting: '연결 중',
    reconnecting: '다시 연결 중',
    behind: '실시간, 화면 지연',
    soundOn: '소리 켬',
    soundOff: '소리 끔',
    language: 'English',
    never: '수신 없음',
    ago: (n, unit) => `${n}${unit} 전`,
    units: { s: '초', min: '분', h: '시간', d: '일' },
    kind: { taxi: '택시', 'cctv-pole': 'CCTV', 'locker-site': '보관함' },
    revoked: '해지됨',
    onDuty: '근무 중',
    offDuty: '근무 외',
    fix: '위성',
  },
};

const KEPT = 'ansim.language';

function first() {
  const kept = localStorage.getItem(KEPT);
  return kept in TEXTS ? kept : (navigator.language || 'en').startsWith('ko') ? 'ko' : 'en';
}

export let language = first();
export let t = TEXTS[language];

export function otherLanguage() {
  language = language === 'ko' ? 'en' : 'ko';
  t = TEXTS[language];
  localStorage.setItem(KEPT, language);
}

/** Puts the texts into the parts of the page that never change otherwise. */
export function say(root) {
  document.documentElement.lang = language;
  for (const element of root.querySelectorAll('[data-text]')) {
    element.textContent = t[element.dataset.text];
  }
}

/** '12 s ago'. */
export function age(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 120) {
    return t.ago(s, t.units.s);
  }
  if (s < 7200) {
    return t.ago(Math.floor(s / 60), t.units.min);
  }
  return s < 172800 ? t.ago(Math.floor(s / 3600), t.units.h) : t.ago(Math.floor(s / 86400), t.units.d);
}

const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

export function clock(ms) {
  return TIME.format(new Date(ms));
}
